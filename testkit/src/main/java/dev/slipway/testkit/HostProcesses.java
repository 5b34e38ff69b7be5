package dev.slipway.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The processes of this machine as the kernel tells of them, those in containers included.
public final class HostProcesses {
  private static final Path PROC = Path.of("/proc");

  /// One process.
  ///
  /// @param pid its number on the host
  /// @param started its start time in clock ticks since boot: with the number, its identity
  /// @param commandLine its words, separated by blanks
  /// @param cgroups its lines of `/proc/PID/cgroup`
  /// @param environment its `NAME=VALUE` entries, separated by line ends; empty when not readable
  public record HostProcess(
      long pid, String started, String commandLine, String cgroups, String environment) {
    @Override
    public String toString() {
      return pid + " " + commandLine;
    }
  }

  private HostProcesses() {}

  /// All processes but kernel threads and those that end while we look.
  public static List<HostProcess> list() {
    List<HostProcess> processes = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path entry : entries) {
        read(entry).ifPresent(processes::add);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return processes;
  }

  /// The processes of one task's container, by the variable that every function container has.
  public static List<HostProcess> ofTask(String taskId) {
    String entry = "MODAL_TASK_ID=" + taskId;
    return list().stream()
        .filter(process -> process.environment().lines().anyMatch(entry::equals))
        .toList();
  }

  /// The processes whose parent is `pid` and that have `word` in their command line.
  public static List<HostProcess> childrenOf(long pid, String word) {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::descendants)
        .flatMap(child -> read(PROC.resolve(Long.toString(child.pid()))).stream())
        .filter(child -> child.commandLine().contains(word))
        .toList();
  }

  private static Optional<HostProcess> read(Path directory) {
    try {
      String commandLine = words(directory.resolve("cmdline"), ' ');
      if (commandLine.isBlank()) {
        return Optional.empty();
      }
      String stat = Files.readString(directory.resolve("stat"), StandardCharsets.ISO_8859_1);
      // The name, in brackets, may hold blanks; the start time is the 20th field after it.
      String started = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
      return Optional.of(
          new HostProcess(
              Long.parseLong(directory.getFileName().toString()),
              started,
              commandLine,
              Files.readString(directory.resolve("cgroup")),
              environment(directory)));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static String environment(Path directory) {
    try {
      return words(directory.resolve("environ"), '\n');
    } catch (IOException notAllowed) {
      return "";
    }
  }

  private static String words(Path file, char separator) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1)
        .replace('\0', separator)
        .strip();
  }
}
