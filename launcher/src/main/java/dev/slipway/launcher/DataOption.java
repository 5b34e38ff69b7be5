package dev.slipway.launcher;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option that every command on an installation has.
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where everything is kept (default: ~/.slipway).")
  private @Nullable Path data;

  Path directory() {
    return data == null ? Path.of(System.getProperty("user.home"), ".slipway") : data;
  }
}
