package dev.slipway.controlplane.blob;

import dev.slipway.model.BlobId;
import dev.slipway.model.Digest;
import dev.slipway.model.WorkspaceId;
import java.util.Optional;

/// A blob as it was announced and, once its upload is complete, as it is stored.
///
/// @param declaredLength bytes that the uploader announced
/// @param declaredDigest what the uploader says the bytes are; they are refused when they differ
/// @param content empty until the upload is complete; never changes afterwards
public record Blob(
    BlobId id,
    WorkspaceId workspace,
    long declaredLength,
    Optional<Digest> declaredDigest,
    Optional<Content> content) {

  /// The stored bytes.
  ///
  /// @param length in bytes
  /// @param entityTag what the upload was answered with: the MD5 in hexadecimal, or the MD5 of the
  ///   parts' MD5s and the number of parts
  public record Content(Digest digest, long length, String entityTag) {}

  /// One uploaded part of a blob whose upload is not complete.
  ///
  /// @param number counted from 1
  /// @param length in bytes
  /// @param md5 in hexadecimal
  record Part(int number, Digest digest, long length, String md5) {}
}
