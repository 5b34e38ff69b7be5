package dev.slipway.launcher;

import dev.slipway.controlplane.storage.DatabaseAddress;
import java.nio.file.Path;
import java.util.Optional;

/// What an operator decides.
///
/// @param database empty: the embedded one
public record Configuration(Path data, ListenAddress listen, Optional<DatabaseAddress> database) {}
