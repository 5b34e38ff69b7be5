package dev.slipway.controlplane.mount;

import dev.slipway.model.Digest;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// Mounts in the database.
public final class MountStore {
  /// How precisely it is kept when a file was last asked about: not every question is written down,
  /// for clients ask about all their files in every run.
  static final Duration CHECK_PRECISION = Duration.ofDays(1);

  private final Jdbi jdbi;

  public MountStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Writes the mount, unless it is there already, and who owns it.
  void save(WorkspaceId owner, MountManifest manifest) {
    if (jdbi.withHandle(handle -> made(handle, owner, manifest.id()))) {
      return;
    }
    jdbi.useTransaction(handle -> {
      insert(handle, manifest);
      handle
          .createUpdate(
              """
              insert into mount_owner (workspace_id, mount_id) values (:workspace, :mount)
              on conflict do nothing
              """)
          .bind("workspace", owner.value())
          .bind("mount", manifest.id().value())
          .execute();
    });
  }

  private static boolean made(Handle handle, WorkspaceId workspace, MountId id) {
    return handle
        .createQuery(
            """
            select exists (select from mount_owner
                           where workspace_id = :workspace and mount_id = :mount)
            """)
        .bind("workspace", workspace.value())
        .bind("mount", id.value())
        .mapTo(Boolean.class)
        .one();
  }

  /// Writes the mount, unless it is there already, under a name of the platform.
  void savePlatform(String name, MountManifest manifest) {
    jdbi.useTransaction(handle -> {
      insert(handle, manifest);
      handle
          .createUpdate(
              """
              insert into platform_mount (name, mount_id) values (:name, :mount)
              on conflict (name) do update set mount_id = excluded.mount_id
              """)
          .bind("name", name)
          .bind("mount", manifest.id().value())
          .execute();
    });
  }

  private static void insert(Handle handle, MountManifest manifest) {
    MountId id = manifest.id();
    int inserted =
        handle
            .createUpdate(
                """
                insert into mount (id, checksum, file_count, total_bytes)
                values (:id, :checksum, :fileCount, :totalBytes)
                on conflict do nothing
                """)
            .bind("id", id.value())
            .bind("checksum", manifest.checksum().hex())
            .bind("fileCount", manifest.files().size())
            .bind("totalBytes", manifest.totalBytes())
            .execute();
    if (inserted == 0) {
      return;
    }
    List<MountFile> files = manifest.files();
    handle
        .createUpdate(
            """
            insert into mount_file (mount_id, path, sha256, size, mode)
            select :id, file.* from unnest(:paths, :digests, :sizes, :modes) as file
            """)
        .bind("id", id.value())
        .bind("paths", files.stream().map(MountFile::path).toArray(String[]::new))
        .bind("digests", files.stream().map(file -> file.digest().hex()).toArray(String[]::new))
        .bind("sizes", files.stream().map(MountFile::size).toArray(Long[]::new))
        .bind("modes", files.stream().map(MountFile::mode).toArray(Integer[]::new))
        .execute();
  }

  /// Those of the mounts that the workspace made or is supplied with, with the sums of the sizes of
  /// their files in bytes.
  Map<MountId, Long> listVisible(WorkspaceId workspace, Collection<MountId> ids) {
    Map<MountId, Long> visible = new HashMap<>();
    jdbi.useHandle(handle ->
        handle
            .createQuery(
                """
                select id, total_bytes from mount
                where id = any (:ids)
                  and (exists (select from mount_owner
                               where workspace_id = :workspace and mount_id = mount.id)
                    or exists (select from platform_mount where mount_id = mount.id))
                """)
            .bind("ids", ids.stream().map(MountId::value).toArray(String[]::new))
            .bind("workspace", workspace.value())
            .map((row, context) ->
                visible.put(new MountId(row.getString("id")), row.getLong("total_bytes")))
            .list());
    return visible;
  }

  boolean isPlatform(MountId mount) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select exists (select from platform_mount where mount_id = :mount)")
            .bind("mount", mount.value())
            .mapTo(Boolean.class)
            .one());
  }

  Optional<MountId> findPlatform(String name) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select mount_id from platform_mount where name = :name")
            .bind("name", name)
            .mapTo(String.class)
            .findOne()
            .map(MountId::new));
  }

  Optional<Digest> findChecksum(MountId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select checksum from mount where id = :id")
            .bind("id", id.value())
            .mapTo(String.class)
            .findOne()
            .map(Digest::new));
  }

  Optional<MountManifest> findManifest(MountId id) {
    return jdbi.withHandle(handle -> {
      List<MountFile> files =
          handle
              .createQuery("select * from mount_file where mount_id = :id")
              .bind("id", id.value())
              .map((row, context) ->
                  new MountFile(
                      row.getString("path"),
                      new Digest(row.getString("sha256")),
                      row.getLong("size"),
                      row.getInt("mode")))
              .list();
      // A mount without files is a mount too.
      boolean known =
          !files.isEmpty()
              || handle
                  .createQuery("select exists (select from mount where id = :id)")
                  .bind("id", id.value())
                  .mapTo(Boolean.class)
                  .one();
      return known ? Optional.of(MountManifest.of(files)) : Optional.empty();
    });
  }

  void saveUpload(WorkspaceId workspace, Digest digest, long size) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into mount_upload (workspace_id, sha256, size)
                values (:workspace, :sha256, :size)
                on conflict (workspace_id, sha256) do update set checked_at = now()
                """)
            .bind("workspace", workspace.value())
            .bind("sha256", digest.hex())
            .bind("size", size)
            .execute());
  }

  /// Those of the files that the workspace has sent, with their sizes in bytes. They count as
  /// checked now, give or take [#CHECK_PRECISION].
  Map<Digest, Long> checkUploads(WorkspaceId workspace, Collection<Digest> digests) {
    Map<String, Digest> asked = new HashMap<>();
    digests.forEach(digest -> asked.put(digest.hex(), digest));
    Map<Digest, Long> sizes = new HashMap<>();
    jdbi.useHandle(handle ->
        handle
            // Files that were not asked about for long may be forgotten at this moment: those count
            // that are still there to be noted, even by somebody else meanwhile.
            .createQuery(
                """
                with stale as (
                  select sha256 from mount_upload
                  where workspace_id = :workspace
                    and sha256 = any (string_to_array(:digests, ','))
                    and checked_at < now() - make_interval(secs => :precision)),
                noted as (
                  update mount_upload set checked_at = now() from stale
                  where workspace_id = :workspace and mount_upload.sha256 = stale.sha256
                  returning mount_upload.sha256, size)
                select sha256, size from noted
                union all
                select sha256, size from mount_upload
                where workspace_id = :workspace
                  and sha256 = any (string_to_array(:digests, ','))
                  and checked_at >= now() - make_interval(secs => :precision)
                """)
            .bind("workspace", workspace.value())
            // The driver writes arrays character by character, which takes longer than the query.
            .bind("digests", String.join(",", asked.keySet()))
            .bind("precision", (double) CHECK_PRECISION.toSeconds())
            .map((row, context) ->
                sizes.put(
                    Objects.requireNonNull(asked.get(row.getString("sha256"))),
                    row.getLong("size")))
            .list());
    return sizes;
  }

  Set<Digest> listUsed(Collection<Digest> digests) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select sha256 from mount_file where sha256 = any (:digests)
                union select sha256 from mount_upload where sha256 = any (:digests)
                """)
            .bind("digests", digests.stream().map(Digest::hex).toArray(String[]::new))
            .mapTo(String.class)
            .map(Digest::new)
            .set());
  }

  int deleteUploadsBefore(Instant time) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate(
                """
                delete from mount_upload
                where checked_at < :before
                  and not exists (select from mount_file
                                  where mount_file.sha256 = mount_upload.sha256)
                """)
            .bind("before", time.atOffset(ZoneOffset.UTC))
            .execute());
  }
}
