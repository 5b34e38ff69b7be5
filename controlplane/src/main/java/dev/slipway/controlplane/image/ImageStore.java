package dev.slipway.controlplane.image;

import com.fasterxml.jackson.annotation.Nulls;
import dev.slipway.images.plan.ImageIdentity;
import dev.slipway.model.BuildId;
import dev.slipway.model.Digest;
import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import tools.jackson.databind.json.JsonMapper;

/// Images, the cache and build logs in the database.
public final class ImageStore {
  /// How precisely the last use of an image is kept: not every use is written down.
  public static final Duration USE_PRECISION = Duration.ofMinutes(5);

  private final Jdbi jdbi;

  /// What an earlier version did not write yet is read as empty.
  private final JsonMapper json =
      JsonMapper.builder()
          .changeDefaultNullHandling(nulls -> nulls.withValueNulls(Nulls.AS_EMPTY))
          .build();

  public ImageStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Entries of a build's log.
  ///
  /// @param entry what was said
  /// @param sequence its number within the build, from 1
  record Logged(long sequence, BuildLogEntry entry) {}

  /// The image that the cache gives for a recipe.
  Optional<Image> findCached(WorkspaceId workspace, Digest key) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select image.* from image_cache join image on image.id = image_cache.image_id
                where image_cache.workspace_id = :workspace and image_cache.layer_key = :key
                """)
            .bind("workspace", workspace.value())
            .bind("key", key.hex())
            .map((row, context) -> read(row))
            .findOne());
  }

  /// An image of the workspace.
  Optional<Image> find(WorkspaceId workspace, ImageId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from image where id = :id and workspace_id = :workspace")
            .bind("id", id.value())
            .bind("workspace", workspace.value())
            .map((row, context) -> read(row))
            .findOne());
  }

  /// Records that an image is used, so that it stays; a use shortly before counts as this one.
  ///
  /// @return whether the image is still there
  boolean use(Image image, Instant at) {
    if (image.lastUsedAt().isAfter(at.minus(USE_PRECISION))) {
      return true;
    }
    int found =
        jdbi.inTransaction(handle -> {
          // After a crash the image may look older than it is, which harms nobody.
          handle.execute("set local synchronous_commit = off");
          return handle
              .createUpdate("update image set last_used_at = :at where id = :id")
              .bind("at", timestamp(at))
              .bind("id", image.id().value())
              .execute();
        });
    return found > 0;
  }

  /// The images of all workspaces that are built or being built, with a name that each is published
  /// under.
  List<KeptImage> listKept() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select image.*, coalesce(
                  (select min(name) from image_publication where image_id = image.id), '') as name
                from image where state <> 'FAILED'
                """)
            .map((row, context) -> {
              Image image = read(row);
              return new KeptImage(
                  image.id(),
                  image.workspace(),
                  image.state() instanceof Image.State.Built built
                      ? built.contents().layerIds()
                      : List.of(ImageIdentity.layerOf(image.id())),
                  image.lastUsedAt(),
                  image.state() instanceof Image.State.Building,
                  row.getString("name"));
            })
            .list());
  }

  /// Forgets a built image and its log, unless it was used since a moment.
  ///
  /// @return whether it is forgotten
  boolean forget(ImageId id, Instant unlessUsedSince) {
    return jdbi.inTransaction(handle -> {
      // Whoever uses the image at this moment either comes first, and it stays, or finds nothing.
      Optional<String> build =
          handle
              .createQuery(
                  """
                  select build_id from image
                  where id = :id and state = 'BUILT' and last_used_at < :since for update
                  """)
              .bind("id", id.value())
              .bind("since", timestamp(unlessUsedSince))
              .mapTo(String.class)
              .findOne();
      if (build.isEmpty()) {
        return false;
      }
      handle.execute("delete from image_cache where image_id = ?", id.value());
      handle.execute("delete from image_log where build_id = ?", build.get());
      handle.execute("delete from image where id = ?", id.value());
      return true;
    });
  }

  /// Records that a build begins. A failed one of the same image, and its log, give way.
  ///
  /// @param layersBelow those that it stands on
  void begin(Image image, List<String> layersBelow) {
    jdbi.useTransaction(handle -> {
      handle
          .createUpdate(
              """
              delete from image_log using image
              where image.id = :id and image_log.build_id = image.build_id
              """)
          .bind("id", image.id().value())
          .execute();
      handle
          .createUpdate(
              """
              insert into image (id, workspace_id, layer_key, builder_version, build_id, state,
                                 started_at, last_used_at, layers_below)
              values (:id, :workspace, :key, :builderVersion, :build, 'BUILDING', :startedAt,
                      :startedAt, :layersBelow)
              on conflict (id) do update
                set builder_version = excluded.builder_version, build_id = excluded.build_id,
                    state = 'BUILDING', contents = null, failure_kind = null,
                    failure_message = null, failure_exit_code = null,
                    started_at = excluded.started_at, finished_at = null,
                    last_used_at = excluded.last_used_at,
                    layers_below = excluded.layers_below
              """)
          .bind("id", image.id().value())
          .bind("workspace", image.workspace().value())
          .bind("key", image.key().hex())
          .bind("builderVersion", image.builderVersion())
          .bind("build", image.build().value())
          .bind("startedAt", timestamp(image.startedAt()))
          .bind("layersBelow", layersBelow.toArray(String[]::new))
          .execute();
    });
  }

  /// The layers that the latest build of an image stands on.
  List<String> listLayersBelow(ImageId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select unnest(layers_below) from image where id = :id")
            .bind("id", id.value())
            .mapTo(String.class)
            .list());
  }

  /// Records how a build ended.
  ///
  /// @param cache whether a finished image answers the recipe from now on
  void finish(Image image, BuildOutcome outcome, Instant at, boolean cache) {
    jdbi.useTransaction(handle -> {
      switch (outcome) {
        case BuildOutcome.Built built -> {
          saveContents(handle, image, built.contents(), at);
          if (cache) {
            saveCached(handle, image);
          }
        }
        case BuildOutcome.Failed failed -> saveFailure(handle, image, failed, at);
      }
    });
  }

  private void saveContents(Handle handle, Image image, ImageContents contents, Instant at) {
    handle
        .createUpdate(
            """
            update image set state = 'BUILT', contents = cast(:contents as json), finished_at = :at,
                             last_used_at = :at
            where id = :id and build_id = :build
            """)
        .bind("contents", json.writeValueAsString(contents))
        .bind("at", timestamp(at))
        .bind("id", image.id().value())
        .bind("build", image.build().value())
        .execute();
  }

  private static void saveCached(Handle handle, Image image) {
    handle
        .createUpdate(
            """
            insert into image_cache (workspace_id, layer_key, image_id)
            values (:workspace, :key, :id)
            on conflict (workspace_id, layer_key) do update set image_id = excluded.image_id
            """)
        .bind("workspace", image.workspace().value())
        .bind("key", image.key().hex())
        .bind("id", image.id().value())
        .execute();
  }

  private static void saveFailure(
      Handle handle, Image image, BuildOutcome.Failed failed, Instant at) {
    handle
        .createUpdate(
            """
            update image set state = 'FAILED', failure_kind = :kind, failure_message = :message,
                             failure_exit_code = :exitCode, finished_at = :at
            where id = :id and build_id = :build
            """)
        .bind("kind", failed.kind().name())
        .bind("message", failed.message().replace('\0', ' '))
        .bind("exitCode", failed.exitCode())
        .bind("at", timestamp(at))
        .bind("id", image.id().value())
        .bind("build", image.build().value())
        .execute();
  }

  /// Ends every build that is recorded as unfinished; gives their number.
  int failUnfinished(BuildOutcome.Failed failure, Instant at) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                """
                update image set state = 'FAILED', failure_kind = :kind,
                                 failure_message = :message, failure_exit_code = :exitCode,
                                 finished_at = :at
                where state = 'BUILDING'
                """)
            .bind("kind", failure.kind().name())
            .bind("message", failure.message())
            .bind("exitCode", failure.exitCode())
            .bind("at", timestamp(at))
            .execute());
  }

  /// Adds to a build's log.
  void append(BuildId build, List<Logged> entries) {
    jdbi.useTransaction(handle -> {
      PreparedBatch batch =
          handle.prepareBatch(
              """
              insert into image_log (build_id, sequence, stream, timestamp_ns, data)
              values (:build, :sequence, :stream, :timestamp, :data)
              """);
      for (Logged logged : entries) {
        batch
            .bind("build", build.value())
            .bind("sequence", logged.sequence())
            .bind("stream", number(logged.entry().stream()))
            .bind("timestamp", logged.entry().timestampNs())
            .bind("data", logged.entry().data().getBytes(StandardCharsets.UTF_8))
            .add();
      }
      batch.execute();
    });
  }

  /// A build's log behind a number, in order, at most `limit` entries.
  List<Logged> listLog(BuildId build, long after, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select sequence, stream, timestamp_ns, data from image_log
                where build_id = :build and sequence > :after
                order by sequence limit :limit
                """)
            .bind("build", build.value())
            .bind("after", after)
            .bind("limit", limit)
            .map((row, context) -> readLogged(row))
            .list());
  }

  /// Everything that is kept of the log of a workspace's build; empty when it has no such build.
  Optional<List<Logged>> findLog(WorkspaceId workspace, BuildId build) {
    return jdbi.withHandle(handle -> {
      boolean known =
          handle
              .createQuery(
                  """
                  select exists (select from image
                                 where build_id = :build and workspace_id = :workspace)
                  """)
              .bind("build", build.value())
              .bind("workspace", workspace.value())
              .mapTo(Boolean.class)
              .one();
      return known ? Optional.of(listLog(build, 0, Integer.MAX_VALUE)) : Optional.empty();
    });
  }

  /// From when to when a build said something, in nanoseconds since the epoch.
  Optional<LogTimes> findLogTimes(BuildId build) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select min(timestamp_ns) as first, max(timestamp_ns) as last from image_log
                where build_id = :build having count(*) > 0
                """)
            .bind("build", build.value())
            .map((row, context) -> new LogTimes(row.getLong("first"), row.getLong("last")))
            .findOne());
  }

  /// When the first and the last entry of a log were written.
  record LogTimes(long first, long last) {}

  /// Forgets the beginning of a build's log, up to and with a number.
  void dropLog(BuildId build, long upTo) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("delete from image_log where build_id = :build and sequence <= :upTo")
            .bind("build", build.value())
            .bind("upTo", upTo)
            .execute());
  }

  private static Logged readLogged(ResultSet row) throws SQLException {
    return new Logged(
        row.getLong("sequence"),
        new BuildLogEntry(
            switch (row.getInt("stream")) {
              case 1 -> BuildLogEntry.Stream.STDOUT;
              case 2 -> BuildLogEntry.Stream.STDERR;
              default -> BuildLogEntry.Stream.SYSTEM;
            },
            row.getLong("timestamp_ns"),
            new String(row.getBytes("data"), StandardCharsets.UTF_8)));
  }

  private static int number(BuildLogEntry.Stream stream) {
    return switch (stream) {
      case STDOUT -> 1;
      case STDERR -> 2;
      case SYSTEM -> 3;
    };
  }

  private Image read(ResultSet row) throws SQLException {
    return new Image(
        new ImageId(row.getString("id")),
        new WorkspaceId(row.getString("workspace_id")),
        new Digest(row.getString("layer_key")),
        row.getString("builder_version"),
        new BuildId(row.getString("build_id")),
        instant(row, "started_at"),
        instant(row, "last_used_at"),
        readState(row));
  }

  private Image.State readState(ResultSet row) throws SQLException {
    String state = row.getString("state");
    return switch (state) {
      case "BUILDING" -> new Image.State.Building();
      case "BUILT" ->
          new Image.State.Built(
              json.readValue(row.getString("contents"), ImageContents.class),
              instant(row, "finished_at"));
      case "FAILED" ->
          new Image.State.Failed(
              new BuildOutcome.Failed(
                  BuildOutcome.Kind.valueOf(row.getString("failure_kind")),
                  row.getString("failure_message"),
                  row.getInt("failure_exit_code")),
              instant(row, "finished_at"));
      default -> throw new IllegalStateException("an image cannot be in the state " + state);
    };
  }

  private static Instant instant(ResultSet row, String column) throws SQLException {
    return Objects.requireNonNull(row.getObject(column, OffsetDateTime.class)).toInstant();
  }

  private static OffsetDateTime timestamp(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
