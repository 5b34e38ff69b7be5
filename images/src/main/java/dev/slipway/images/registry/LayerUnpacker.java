package dev.slipway.images.registry;

import com.github.luben.zstd.ZstdInputStream;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/// Unpacks layers into directories that overlayfs can stack: plain tar, gzip or zstd, told apart by
/// their first bytes. Deletions become the nodes and attributes that overlayfs knows.
///
/// Nothing that a layer holds reaches a file outside the directory: names with `..` are refused,
/// and symbolic links on the way to a file are followed as if the directory was the root of
/// everything.
public final class LayerUnpacker {
  /// Most files and directories of a layer.
  static final int MOST_ENTRIES = 2_000_000;

  /// Most memory that unpacking xz may take.
  private static final int XZ_MEMORY_KIB = 256 << 10;

  private static final int BUFFER_BYTES = 1 << 16;

  /// Bytes of a tar that an entry takes beside its file, most of the time.
  private static final int ENTRY_BYTES = 2_048;

  private final Owners owners;
  private final long mostBytes;
  private final boolean deletions;

  /// @param owners of the files, which have the container's root among them
  /// @param mostBytes most bytes that the files of one layer may have together
  public LayerUnpacker(Owners owners, long mostBytes) {
    this(owners, mostBytes, true);
  }

  private LayerUnpacker(Owners owners, long mostBytes, boolean deletions) {
    this.owners = owners;
    this.mostBytes = mostBytes;
    this.deletions = deletions;
  }

  /// Unpacks archives of users, in which no name stands for a deletion.
  public static LayerUnpacker ofArchives(Owners owners, long mostBytes) {
    return new LayerUnpacker(owners, mostBytes, false);
  }

  /// What came out of a layer.
  ///
  /// @param contents digest of the tar
  /// @param bytes of all files together
  /// @param ways directories that hold something and of which the layer does not say what they are,
  ///   each before those in it: where a layer below has something of that name, it is meant
  /// @param notes sentences about what was left out
  public record Unpacked(
      Digest contents, long entries, long bytes, List<String> ways, List<String> notes) {
    public Unpacked {
      ways = List.copyOf(ways);
      notes = List.copyOf(notes);
    }
  }

  /// Unpacks a layer into a directory that exists and is empty. When this throws, what is in the
  /// directory is of no use.
  ///
  /// @param layer is read to its end and not closed
  /// @throws SlipwayException DATA_LOSS for what is no layer, DENIED for what reaches outside,
  ///   EXHAUSTED for what is too large
  public Unpacked unpack(InputStream layer, Path directory) throws IOException {
    DigestInputStream contents = hashed(layer);
    LayerTree tree = new LayerTree(directory, owners, deletions);
    long entries = 0;
    long bytes = 0;
    try {
      TarArchiveInputStream tar = new TarArchiveInputStream(contents);
      TarArchiveEntry entry;
      while ((entry = tar.getNextEntry()) != null) {
        bytes += entry.isFile() ? entry.getRealSize() : 0;
        if (++entries > MOST_ENTRIES || bytes > mostBytes) {
          throw tooLarge();
        }
        tree.add(entry, tar);
      }
      // The digest covers what stands behind the last entry too.
      contents.transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IllegalArgumentException e) {
      throw damaged(e);
    }
    tree.finish();
    return new Unpacked(
        Digest.of(contents.getMessageDigest().digest()), entries, bytes, tree.ways(), tree.notes());
  }

  /// The digest of a layer's tar, without unpacking it.
  ///
  /// @param layer is read to its end and not closed
  /// @throws SlipwayException EXHAUSTED for what is too large
  public Digest contents(InputStream layer) throws IOException {
    DigestInputStream contents = hashed(layer);
    byte[] buffer = new byte[BUFFER_BYTES];
    long left = mostBytes + (long) MOST_ENTRIES * ENTRY_BYTES;
    for (int count = contents.read(buffer); count >= 0; count = contents.read(buffer)) {
      left -= count;
      if (left < 0) {
        throw tooLarge();
      }
    }
    return Digest.of(contents.getMessageDigest().digest());
  }

  private static DigestInputStream hashed(InputStream layer) throws IOException {
    try {
      return new DigestInputStream(decompressed(layer), MessageDigest.getInstance("SHA-256"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private SlipwayException tooLarge() {
    return new SlipwayException(
        ErrorKind.EXHAUSTED,
        "a layer may have %,d files of %,d bytes together, this one has more"
            .formatted(MOST_ENTRIES, mostBytes));
  }

  /// The bytes behind a compression that is told by the first bytes: gzip, zstd, bzip2, xz or none.
  public static InputStream decompressed(InputStream layer) throws IOException {
    BufferedInputStream buffered = new BufferedInputStream(layer, BUFFER_BYTES);
    buffered.mark(4);
    byte[] first = buffered.readNBytes(4);
    buffered.reset();
    if (first.length >= 2 && (first[0] & 0xff) == 0x1f && (first[1] & 0xff) == 0x8b) {
      return new GzipCompressorInputStream(buffered, true);
    }
    if (first.length >= 3 && first[0] == 'B' && first[1] == 'Z' && first[2] == 'h') {
      return new BZip2CompressorInputStream(buffered, true);
    }
    if (first.length == 4 && (first[0] & 0xff) == 0xfd && first[1] == '7' && first[2] == 'z') {
      return new XZInputStream(buffered, XZ_MEMORY_KIB);
    }
    boolean zstd =
        first.length == 4
            && (first[0] & 0xff) == 0x28
            && (first[1] & 0xff) == 0xb5
            && (first[2] & 0xff) == 0x2f
            && (first[3] & 0xff) == 0xfd;
    return zstd ? new ZstdInputStream(buffered).setContinuous(false) : buffered;
  }

  private static SlipwayException damaged(Exception cause) {
    return new SlipwayException(
        ErrorKind.DATA_LOSS, "the layer is damaged: " + cause.getMessage(), cause);
  }
}
