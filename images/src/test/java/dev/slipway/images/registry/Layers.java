package dev.slipway.images.registry;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// Writes layers for tests, including those that nobody should write.
final class Layers {
  static final FileTime TIME = FileTime.from(Instant.parse("2020-02-02T02:02:02Z"));

  /// Whose files are those of a container's users.
  static final Owners OWNERS =
      id -> id >= 0 && id < 65_536 ? OptionalInt.of(100_000 + (int) id) : OptionalInt.empty();

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

  Layers() {
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  Layers directory(String name, int mode) {
    return add(new TarArchiveEntry(name + "/", true), entry -> entry.setMode(mode), "");
  }

  Layers file(String name, String content) {
    return file(name, content, entry -> {});
  }

  Layers file(String name, String content, Consumer<TarArchiveEntry> change) {
    return add(new TarArchiveEntry(name, true), change, content);
  }

  Layers symbolicLink(String name, String target) {
    return link(name, TarConstants.LF_SYMLINK, target);
  }

  Layers hardLink(String name, String target) {
    return link(name, TarConstants.LF_LINK, target);
  }

  Layers node(String name, byte kind) {
    return add(new TarArchiveEntry(name, kind, true), entry -> {}, "");
  }

  private Layers link(String name, byte kind, String target) {
    return add(new TarArchiveEntry(name, kind, true), entry -> entry.setLinkName(target), "");
  }

  private Layers add(TarArchiveEntry entry, Consumer<TarArchiveEntry> change, String content) {
    try {
      byte[] data = content.getBytes(StandardCharsets.UTF_8);
      entry.setSize(data.length);
      entry.setModTime(TIME);
      change.accept(entry);
      tar.putArchiveEntry(entry);
      tar.write(data);
      tar.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] tar() {
    try {
      tar.close();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] gzip(byte[] tar) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(tar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] zstd(byte[] tar) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream zstd = new ZstdOutputStream(out)) {
      zstd.write(tar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static Consumer<TarArchiveEntry> attributes(Map<String, String> attributes) {
    return entry ->
        attributes.forEach((name, value) -> entry.addPaxHeader("SCHILY.xattr." + name, value));
  }
}
