package dev.slipway.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/// The releases of the official client that the stories run, each in a virtual environment of its
/// own.
public enum ClientRelease {
  NEWEST("1.6.4", "SLIPWAY_TEST_VENV_NEWEST", "1.6.4"),
  OLDEST("1.0.5", "SLIPWAY_TEST_VENV_OLDEST", "1.0.5"),
  OLDEST_ON_PYTHON_39("1.0.5", "SLIPWAY_TEST_VENV_PY39", "1.0.5-py39");

  private final String version;
  private final String setting;
  private final String directory;

  ClientRelease(String version, String setting, String directory) {
    this.version = version;
    this.setting = setting;
    this.directory = directory;
  }

  /// The version as on PyPI.
  public String version() {
    return version;
  }

  /// The virtual environment: named by a system property or an environment variable, else under
  /// `.slipway/venvs` of the project.
  ///
  /// Throws an [AssertionError] that says how to make it when it is not there.
  public Path virtualEnvironment() {
    Path path =
        Settings.find(setting)
            .map(Path::of)
            .orElseGet(() -> Project.root().resolve(".slipway/venvs").resolve(directory));
    if (!Files.isExecutable(path.resolve("bin/modal"))) {
      throw new AssertionError(
          "no client "
              + version
              + " in "
              + path
              + ": run ./slipway test, which makes it, or name one by "
              + setting);
    }
    return path;
  }

  /// Of an interpreter in it: the minor version, such as `3.11`.
  public String python() {
    return HostCommand.run(
            virtualEnvironment().resolve("bin/python").toString(),
            "-c",
            "import sys; print('%d.%d' % sys.version_info[:2])")
        .output()
        .strip();
  }

  @Override
  public String toString() {
    return "client " + version + (this == OLDEST_ON_PYTHON_39 ? " on Python 3.9" : "");
  }
}
