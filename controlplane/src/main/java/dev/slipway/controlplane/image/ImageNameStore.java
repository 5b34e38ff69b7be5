package dev.slipway.controlplane.image;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ImageId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Publications of images in the database.
public final class ImageNameStore {
  private final Jdbi jdbi;

  public ImageNameStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  void add(String revision, EnvironmentId environment, String name, ImageId image, Instant at) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into image_publication
                  (revision_id, environment_id, name, image_id, published_at)
                values (:revision, :environment, :name, :image, :at)
                """)
            .bind("revision", revision)
            .bind("environment", environment.value())
            .bind("name", name)
            .bind("image", image.value())
            .bind("at", at.atOffset(ZoneOffset.UTC))
            .execute());
  }

  Optional<Published> find(EnvironmentId environment, String name) {
    return history(environment, name, Long.MAX_VALUE, 1).stream().findFirst();
  }

  List<Published> list(EnvironmentId environment, String prefix, String after, int most) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select distinct on (name) *,
                       min(published_at) over (partition by name) as first_at
                from image_publication
                where environment_id = :environment and starts_with(name, :prefix)
                  and name > :after
                order by name, sequence desc limit :most
                """)
            .bind("environment", environment.value())
            .bind("prefix", prefix)
            .bind("after", after)
            .bind("most", most)
            .map((row, context) -> read(row))
            .list());
  }

  List<Published> history(EnvironmentId environment, String name, long before, int most) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select *, min(published_at) over () as first_at
                from image_publication
                where environment_id = :environment and name = :name and sequence < :before
                order by sequence desc limit :most
                """)
            .bind("environment", environment.value())
            .bind("name", name)
            .bind("before", before)
            .bind("most", most)
            .map((row, context) -> read(row))
            .list());
  }

  int delete(EnvironmentId environment, String name) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                """
                delete from image_publication where environment_id = :environment and name = :name
                """)
            .bind("environment", environment.value())
            .bind("name", name)
            .execute());
  }

  private static Published read(ResultSet row) throws SQLException {
    return new Published(
        row.getLong("sequence"),
        row.getString("revision_id"),
        row.getString("name"),
        new ImageId(row.getString("image_id")),
        instant(row, "published_at"),
        instant(row, "first_at"));
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(row.getObject(column, OffsetDateTime.class)).toInstant();
  }
}
