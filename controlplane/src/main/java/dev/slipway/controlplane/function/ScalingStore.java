package dev.slipway.controlplane.function;

import dev.slipway.model.FunctionId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Changes of scaling in the database.
final class ScalingStore {
  private final Jdbi jdbi;

  ScalingStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// A change, and the version of the app for which it is valid.
  record Stored(int appVersion, ScalingOverride override) {}

  void save(FunctionId function, Stored stored) {
    ScalingOverride override = stored.override();
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into scaling_override (function_id, app_version, min_containers, max_containers,
                                              buffer_containers, scaledown_window_secs)
                values (:id, :version, :min, :max, :buffer, :window)
                on conflict (function_id) do update
                  set app_version = excluded.app_version,
                      min_containers = excluded.min_containers,
                      max_containers = excluded.max_containers,
                      buffer_containers = excluded.buffer_containers,
                      scaledown_window_secs = excluded.scaledown_window_secs
                """)
            .bind("id", function.value())
            .bind("version", stored.appVersion())
            .bind("min", override.minContainers().orElse(null))
            .bind("max", override.maxContainers().orElse(null))
            .bind("buffer", override.bufferContainers().orElse(null))
            .bind("window", override.scaledownWindowSeconds().orElse(null))
            .execute());
  }

  Optional<Stored> find(FunctionId function) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from scaling_override where function_id = :id")
            .bind("id", function.value())
            .map((row, context) -> read(row))
            .findOne());
  }

  private static Stored read(ResultSet row) throws SQLException {
    return new Stored(
        row.getInt("app_version"),
        new ScalingOverride(
            number(row, "min_containers"),
            number(row, "max_containers"),
            number(row, "buffer_containers"),
            number(row, "scaledown_window_secs")));
  }

  private static Optional<Integer> number(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getObject(column, Integer.class));
  }
}
