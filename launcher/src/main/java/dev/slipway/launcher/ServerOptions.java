package dev.slipway.launcher;

import dev.slipway.controlplane.storage.DatabaseAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options of whatever serves clients.
final class ServerOptions {
  @Mixin private DataOption data = new DataOption();

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where clients reach it (default: ${DEFAULT-VALUE}).",
      defaultValue = "127.0.0.1:8470",
      converter = ListenAddress.Converter.class)
  private @Nullable ListenAddress listen;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description =
          "An external PostgreSQL, postgresql://USER:PASSWORD@HOST:PORT/NAME (default: one of its"
              + " own in the data directory).")
  private @Nullable String database;

  Configuration configuration() {
    return new Configuration(
        data.directory(),
        Objects.requireNonNull(listen, "has a default"),
        Optional.ofNullable(database).map(DatabaseAddress::parse));
  }
}
