package dev.slipway.controlplane.blob;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.model.BlobId;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// Takes in the bytes of announced blobs: in one piece, or in parts that are put together at the
/// end. Repeating any step with the same bytes is harmless.
final class BlobUploads {
  /// Length of every part but the last. Also the longest upload that is asked for in one piece.
  static final long PART_BYTES = 64L << 20;

  private static final int BUFFER_BYTES = 128 << 10;

  /// The client turns an answer with this sentence into advice for its user.
  static final String MD5_MISMATCH =
      "The Content-MD5 you specified did not match what we received.";

  private final BlobStore store;
  private final ContentStore content;

  BlobUploads(BlobStore store, ContentStore content) {
    this.store = store;
    this.content = content;
  }

  /// How many parts a blob of this length is uploaded in: at least one.
  static int partCount(long length) {
    return (int) Math.max(1, Math.ceilDiv(length, PART_BYTES));
  }

  private static long partLength(Blob blob, int number) {
    return number < partCount(blob.declaredLength())
        ? PART_BYTES
        : blob.declaredLength() - (number - 1) * PART_BYTES;
  }

  /// Takes in the whole blob. The answer is its entity tag: the MD5 in hexadecimal.
  ///
  /// @param md5 what the sender says the MD5 is
  String putWhole(Blob blob, InputStream body, Optional<byte[]> md5) throws IOException {
    Received received = receive(body, blob.declaredLength(), md5, "blob " + blob.id());
    accept(blob, new Blob.Content(received.digest(), received.length(), received.md5()));
    return received.md5();
  }

  /// Takes in one part. The answer is its entity tag: the MD5 in hexadecimal.
  String putPart(Blob blob, int number, InputStream body, Optional<byte[]> md5) throws IOException {
    if (number < 1 || number > partCount(blob.declaredLength())) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "blob %s has the parts 1 to %d, and no part %d"
              .formatted(blob.id(), partCount(blob.declaredLength()), number));
    }
    Received received =
        receive(body, partLength(blob, number), md5, "part " + number + " of blob " + blob.id());
    if (blob.content().isEmpty()) {
      store.savePart(
          blob.id(), new Blob.Part(number, received.digest(), received.length(), received.md5()));
    }
    return received.md5();
  }

  /// Puts the parts together. The answer is the entity tag of the whole: the MD5 of the parts'
  /// MD5s, and the number of parts.
  ///
  /// @param tags the entity tags that the uploader got for its parts, in order
  String completeParts(Blob blob, List<String> tags) throws IOException {
    if (blob.content().isPresent()) {
      return blob.content().get().entityTag();
    }
    List<Blob.Part> parts = requireParts(blob, tags);
    MessageDigest tagDigest = Md5.begin();
    parts.forEach(part -> tagDigest.update(HexFormat.of().parseHex(part.md5())));
    String tag = HexFormat.of().formatHex(tagDigest.digest()) + "-" + parts.size();
    // One part is the whole already.
    Digest digest = parts.size() == 1 ? parts.getFirst().digest() : concatenate(blob, parts);
    accept(blob, new Blob.Content(digest, blob.declaredLength(), tag));
    return tag;
  }

  private List<Blob.Part> requireParts(Blob blob, List<String> tags) {
    int expected = partCount(blob.declaredLength());
    List<Blob.Part> parts = store.listParts(blob.id());
    if (parts.size() != expected || tags.size() != expected) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "blob %s has %d parts; %d of them arrived and %d were named"
              .formatted(blob.id(), expected, parts.size(), tags.size()));
    }
    List<String> stored = new ArrayList<>();
    parts.forEach(part -> stored.add(part.md5()));
    if (!stored.equals(tags)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the entity tags named for blob %s are not those of the parts that arrived"
              .formatted(blob.id()));
    }
    return parts;
  }

  private Digest concatenate(Blob blob, List<Blob.Part> parts) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (Upload upload = content.begin()) {
      for (Blob.Part part : parts) {
        try (InputStream bytes = content.open(part.digest())) {
          int count;
          while ((count = bytes.read(buffer)) >= 0) {
            upload.append(ByteBuffer.wrap(buffer, 0, count));
          }
        }
      }
      if (blob.declaredDigest().isEmpty()) {
        return upload.commit();
      }
      upload.commit(blob.declaredDigest().get());
      return blob.declaredDigest().get();
    }
  }

  private void accept(Blob blob, Blob.Content arrived) {
    if (blob.declaredDigest().isPresent()
        && !blob.declaredDigest().get().equals(arrived.digest())) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "%s Blob %s was announced with the SHA-256 digest %s, and %s arrived."
              .formatted(MD5_MISMATCH, blob.id(), blob.declaredDigest().get(), arrived.digest()));
    }
    store.complete(blob.id(), arrived);
    Blob.Content kept = requireKept(blob.id());
    if (!kept.digest().equals(arrived.digest())) {
      throw new SlipwayException(
          ErrorKind.CONFLICT,
          "blob " + blob.id() + " was uploaded before with other bytes, and blobs never change");
    }
  }

  private Blob.Content requireKept(BlobId id) {
    return store
        .find(id)
        .flatMap(Blob::content)
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND, "blob " + id + " was given up during its upload"));
  }

  private Received receive(InputStream body, long length, Optional<byte[]> md5, String what)
      throws IOException {
    MessageDigest md5Digest = Md5.begin();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (Upload upload = content.begin()) {
      int count;
      while ((count = body.read(buffer)) >= 0) {
        if (upload.length() + count > length) {
          throw new SlipwayException(
              ErrorKind.EXHAUSTED,
              "%s was announced with %d bytes, and more arrived".formatted(what, length));
        }
        md5Digest.update(buffer, 0, count);
        upload.append(ByteBuffer.wrap(buffer, 0, count));
      }
      if (upload.length() != length) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "%s was announced with %d bytes, and %d arrived"
                .formatted(what, length, upload.length()));
      }
      byte[] actualMd5 = md5Digest.digest();
      if (md5.isPresent() && !MessageDigest.isEqual(md5.get(), actualMd5)) {
        throw new SlipwayException(ErrorKind.INVALID, MD5_MISMATCH);
      }
      return new Received(upload.commit(), length, HexFormat.of().formatHex(actualMd5));
    }
  }

  private record Received(Digest digest, long length, String md5) {}
}
