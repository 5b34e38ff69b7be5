package dev.slipway.worker.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reading, emptying and removing the directories of control groups.
final class CgroupFiles {
  /// How long the kernel gets to end killed processes.
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Duration PAUSE = Duration.ofMillis(2);
  private static final Logger log = LoggerFactory.getLogger(CgroupFiles.class);

  private CgroupFiles() {}

  /// The number in a file, or 0 when it is not there.
  static long number(Path file) {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
  }

  /// The number after a word at the beginning of a line, or 0.
  static long number(Path file, String key) {
    try (Stream<String> lines = Files.lines(file)) {
      Optional<String> found = lines.filter(line -> line.startsWith(key + " ")).findFirst();
      return found.map(line -> Long.parseLong(line.substring(key.length() + 1).strip())).orElse(0L);
    } catch (IOException | java.io.UncheckedIOException | NumberFormatException e) {
      return 0;
    }
  }

  static List<Long> processes(Path group) {
    try (Stream<String> lines = Files.lines(group.resolve("cgroup.procs"))) {
      return lines.filter(line -> !line.isBlank()).map(Long::valueOf).toList();
    } catch (IOException | java.io.UncheckedIOException e) {
      // The group is gone, and so is everybody who was in it.
      return List.of();
    }
  }

  /// Kills what is in a group until nothing is.
  static void killAll(Path group) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean interrupted = false;
    List<Long> left = processes(group);
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      left.forEach(pid -> ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly));
      interrupted |= pause();
      left = processes(group);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (!left.isEmpty()) {
      log.warn("processes {} of the cgroup {} outlived SIGKILL for {}", left, group, PATIENCE);
    }
  }

  /// @return whether the directory, and what it holds, is gone
  static boolean removeDirectory(Path group) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          removeTree(group);
          return true;
        } catch (NoSuchFileException e) {
          return true;
        } catch (IOException e) {
          if (System.nanoTime() >= deadline) {
            log.warn("the cgroup {} cannot be removed: {}", group, e.toString());
            return false;
          }
          interrupted |= pause();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void removeTree(Path group) throws IOException {
    try (Stream<Path> children = Files.list(group)) {
      for (Path child : children.filter(Files::isDirectory).toList()) {
        removeTree(child);
      }
    }
    Files.delete(group);
  }

  /// @return whether somebody interrupted: cleaning up goes on to its own deadline, and the
  ///   interrupt is for whoever waits next
  private static boolean pause() {
    try {
      Thread.sleep(PAUSE);
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
