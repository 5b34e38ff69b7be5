package dev.slipway.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/// Where the project's own files are.
public final class Project {
  private Project() {}

  /// The directory of the root pom, found upwards from the working directory.
  public static Path root() {
    Path start = Path.of("").toAbsolutePath();
    for (Path path = start; path != null; path = path.getParent()) {
      if (Files.exists(path.resolve("pom.xml")) && Files.isDirectory(path.resolve("launcher"))) {
        return path;
      }
    }
    throw new AssertionError(start + " is not inside the project");
  }
}
