package dev.slipway.controlplane.supply;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// A Python of this machine that has pip: what fetches packages, with the machine's own settings
/// for indexes, proxies and certificates.
public final class HostPython {
  private static final long PROBE_SECONDS = 20;
  private static final int NEWEST_MINOR = 15;
  private static final int OLDEST_MINOR = 9;

  private HostPython() {}

  /// The first Python that runs pip, in the order: the search path, then the usual places of pyenv
  /// and uv in the home directory. Fails with `UNAVAILABLE` when there is none.
  public static Path require(Map<String, String> environment) {
    Set<Path> candidates = candidates(environment);
    for (Path candidate : candidates) {
      if (succeeds(candidate, "-m", "pip", "--version")) {
        return candidate;
      }
    }
    throw new SlipwayException(
        ErrorKind.UNAVAILABLE,
        "no Python with pip was found on this machine, and the client's packages are fetched with "
            + "it: install one (on Debian: apt-get install python3-pip). "
            + (candidates.isEmpty()
                ? "There is no python3 at all on the search path."
                : "Without pip are: " + candidates));
  }

  /// A Python of exactly this minor version, with or without pip.
  static Optional<Path> find(PythonVersion version, Map<String, String> environment) {
    return candidates(environment).stream()
        .filter(candidate -> candidate.endsWith("python" + version))
        .filter(candidate -> succeeds(candidate, "-c", ""))
        .findFirst();
  }

  private static Set<Path> candidates(Map<String, String> environment) {
    Set<Path> candidates = new LinkedHashSet<>();
    for (String directory : environment.getOrDefault("PATH", "").split(":")) {
      if (!directory.isEmpty()) {
        addFrom(Path.of(directory), candidates);
      }
    }
    String home = environment.get("HOME");
    if (home != null) {
      for (String versions : List.of(".pyenv/versions", ".local/share/uv/python")) {
        for (Path version : list(Path.of(home, versions))) {
          addFrom(version.resolve("bin"), candidates);
        }
      }
    }
    return candidates;
  }

  private static void addFrom(Path directory, Set<Path> candidates) {
    List<String> names = new ArrayList<>(List.of("python3"));
    for (int minor = NEWEST_MINOR; minor >= OLDEST_MINOR; minor--) {
      names.add("python3." + minor);
    }
    for (String name : names) {
      Path file = directory.resolve(name);
      if (Files.isExecutable(file)) {
        candidates.add(file);
      }
    }
  }

  private static List<Path> list(Path directory) {
    List<Path> entries = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
        stream.forEach(entries::add);
      } catch (IOException e) {
        // A directory that cannot be read offers nothing.
      }
    }
    entries.sort(null);
    return entries.reversed();
  }

  private static boolean succeeds(Path python, String... arguments) {
    List<String> command = new ArrayList<>(List.of(python.toString()));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the search for a Python with pip was interrupted", e);
    }
  }
}
