package dev.slipway.controlplane.blob;

import dev.slipway.model.BlobId;
import dev.slipway.model.Digest;
import dev.slipway.model.WorkspaceId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;

/// Blobs in the database.
public final class BlobStore {
  private final Jdbi jdbi;

  public BlobStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  void insert(Blob blob) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into blob (id, workspace_id, declared_length, declared_sha256,
                                  sha256, length, entity_tag)
                values (:id, :workspace, :declaredLength, :declaredSha256,
                        :sha256, :length, :entityTag)
                """)
            .bind("id", blob.id().value())
            .bind("workspace", blob.workspace().value())
            .bind("declaredLength", blob.declaredLength())
            .bind("declaredSha256", blob.declaredDigest().map(Digest::hex).orElse(null))
            .bind("sha256", blob.content().map(c -> c.digest().hex()).orElse(null))
            .bind("length", blob.content().map(Blob.Content::length).orElse(null))
            .bind("entityTag", blob.content().map(Blob.Content::entityTag).orElse(null))
            .execute());
  }

  Optional<Blob> find(BlobId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from blob where id = :id")
            .bind("id", id.value())
            .map((row, context) -> read(row))
            .findOne());
  }

  /// Records the complete upload, unless another one was first, and forgets its parts.
  void complete(BlobId id, Blob.Content content) {
    jdbi.useTransaction(handle -> {
      handle
          .createUpdate(
              """
              update blob set sha256 = :sha256, length = :length, entity_tag = :entityTag
              where id = :id and sha256 is null
              """)
          .bind("id", id.value())
          .bind("sha256", content.digest().hex())
          .bind("length", content.length())
          .bind("entityTag", content.entityTag())
          .execute();
      handle
          .createUpdate("delete from blob_part where blob_id = :id")
          .bind("id", id.value())
          .execute();
    });
  }

  void savePart(BlobId id, Blob.Part part) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into blob_part (blob_id, number, sha256, length, md5)
                values (:id, :number, :sha256, :length, :md5)
                on conflict (blob_id, number) do update
                  set sha256 = excluded.sha256, length = excluded.length, md5 = excluded.md5
                """)
            .bind("id", id.value())
            .bind("number", part.number())
            .bind("sha256", part.digest().hex())
            .bind("length", part.length())
            .bind("md5", part.md5())
            .execute());
  }

  List<Blob.Part> listParts(BlobId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from blob_part where blob_id = :id order by number")
            .bind("id", id.value())
            .map((row, context) ->
                new Blob.Part(
                    row.getInt("number"),
                    new Digest(row.getString("sha256")),
                    row.getLong("length"),
                    row.getString("md5")))
            .list());
  }

  /// Forgets blobs that were announced before the given time and never arrived.
  int deleteUnfinished(Instant announcedBefore) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate("delete from blob where sha256 is null and created_at < :before")
            .bind("before", announcedBefore.atOffset(ZoneOffset.UTC))
            .execute());
  }

  int deleteCreatedBefore(Instant time) {
    return jdbi.withHandle(handle ->
        handle
            .createUpdate("delete from blob where created_at < :before")
            .bind("before", time.atOffset(ZoneOffset.UTC))
            .execute());
  }

  /// Those of the contents that a blob or a part consists of.
  Set<Digest> listUsed(Collection<Digest> digests) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select sha256 from blob where sha256 = any (:digests)
                union select sha256 from blob_part where sha256 = any (:digests)
                """)
            .bind("digests", digests.stream().map(Digest::hex).toArray(String[]::new))
            .mapTo(String.class)
            .map(Digest::new)
            .set());
  }

  /// The one sealing key of this installation: the given one if there was none yet.
  byte[] sealingKey(byte[] fresh) {
    return jdbi.withHandle(handle -> {
      handle
          .createUpdate("insert into blob_seal (key) values (:key) on conflict do nothing")
          .bind("key", fresh)
          .execute();
      return handle.createQuery("select key from blob_seal").mapTo(byte[].class).one();
    });
  }

  private static Blob read(ResultSet row) throws SQLException {
    Optional<Blob.Content> content =
        row.getString("sha256") == null
            ? Optional.empty()
            : Optional.of(
                new Blob.Content(
                    new Digest(row.getString("sha256")),
                    row.getLong("length"),
                    row.getString("entity_tag")));
    return new Blob(
        new BlobId(row.getString("id")),
        new WorkspaceId(row.getString("workspace_id")),
        row.getLong("declared_length"),
        Optional.ofNullable(row.getString("declared_sha256")).map(Digest::new),
        content);
  }
}
