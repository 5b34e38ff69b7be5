package dev.slipway.controlplane.blob;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.model.BlobId;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/// Bytes too large for a message. A blob is announced, uploaded once, never changed, and seen by
/// its workspace only.
public final class Blobs {
  /// Longest blob, in bytes.
  public static final long MAX_BLOB_BYTES = 64L << 30;

  private final BlobStore store;
  private final ContentStore content;
  private final IdSource ids;

  public Blobs(BlobStore store, ContentStore content, IdSource ids) {
    this.store = store;
    this.content = content;
    this.ids = ids;
  }

  /// Announces a blob whose bytes are still to be uploaded.
  ///
  /// @param length of the bytes to come
  /// @param digest of the bytes to come, when the caller knows it
  public Blob create(WorkspaceId workspace, long length, Optional<Digest> digest) {
    if (length < 0) {
      throw new SlipwayException(
          ErrorKind.INVALID, "a blob cannot be " + length + " bytes long, expected is 0 or more");
    }
    if (length > MAX_BLOB_BYTES) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "a blob of %d bytes is too large: the limit is %d bytes"
              .formatted(length, MAX_BLOB_BYTES));
    }
    Blob blob = new Blob(new BlobId(ids.next("bl")), workspace, length, digest, Optional.empty());
    store.insert(blob);
    return blob;
  }

  /// Stores bytes of our own as a blob of the workspace.
  public Blob store(WorkspaceId workspace, byte[] bytes) {
    Digest digest;
    try (Upload upload = content.begin()) {
      upload.append(bytes);
      digest = upload.commit();
    }
    String tag = HexFormat.of().formatHex(Md5.of(bytes));
    Blob blob =
        new Blob(
            new BlobId(ids.next("bl")),
            workspace,
            bytes.length,
            Optional.of(digest),
            Optional.of(new Blob.Content(digest, bytes.length, tag)));
    store.insert(blob);
    return blob;
  }

  /// The blob. One that belongs to another workspace is not found.
  public Blob require(WorkspaceId workspace, BlobId id) {
    return store
        .find(id)
        .filter(blob -> blob.workspace().equals(workspace))
        .orElseThrow(() -> notFound(id));
  }

  /// The stored bytes of the blob. Fails with `CONFLICT` when they have not been uploaded.
  public Blob.Content requireContent(WorkspaceId workspace, BlobId id) {
    return requireContent(require(workspace, id));
  }

  /// Reads the blob from its first byte to its last.
  public InputStream open(WorkspaceId workspace, BlobId id) {
    return content.open(requireContent(workspace, id).digest());
  }

  /// Forgets blobs that were announced before the given time and never uploaded. The number of
  /// them.
  public int forgetUnfinished(Instant announcedBefore) {
    return store.deleteUnfinished(announcedBefore);
  }

  /// Forgets blobs that were created before the given time. The number of them.
  public int forgetCreatedBefore(Instant time) {
    return store.deleteCreatedBefore(time);
  }

  /// Those of the contents that a blob, or a part of one on its way, consists of.
  public Set<Digest> listUsed(Collection<Digest> digests) {
    return store.listUsed(digests);
  }

  /// The blob, for somebody who proved by a sealed address that they may have it.
  Blob requireAddressed(BlobId id) {
    return store.find(id).orElseThrow(() -> notFound(id));
  }

  static Blob.Content requireContent(Blob blob) {
    return blob.content()
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.CONFLICT,
                "blob " + blob.id() + " was announced, but its upload never completed"));
  }

  private static SlipwayException notFound(BlobId id) {
    return new SlipwayException(ErrorKind.NOT_FOUND, "there is no blob " + id);
  }
}
