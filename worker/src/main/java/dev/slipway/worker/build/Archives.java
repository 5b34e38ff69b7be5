package dev.slipway.worker.build;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.content.files.Trees;
import dev.slipway.images.registry.LayerUnpacker;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.rootfs.CopyAttributes;
import dev.slipway.worker.rootfs.InsideRoot;
import dev.slipway.worker.rootfs.TreeCopy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// What becomes of tar archives on their way into an image.
@FunctionalInterface
interface Archives {
  /// Most bytes of the files of one archive together.
  long MOST_BYTES = 64L << 30;

  /// Unpacks an archive into a directory of the image; false for what is no archive, and must be
  /// copied as it is.
  boolean unpack(Path file, String destination, InsideRoot image) throws IOException;

  /// Copies archives as they are.
  static Archives kept() {
    return (_, _, _) -> false;
  }

  /// Unpacks archives, by way of a directory of its own: what an archive says about places outside
  /// is refused there, and symbolic links of the image lead nowhere but into the image.
  ///
  /// @param scratch a directory that does not exist before and after
  /// @param attributes of what comes out
  /// @param notes told a sentence about each kind of what was left out
  static Archives unpacked(Path scratch, CopyAttributes attributes, Consumer<String> notes) {
    return (file, destination, image) -> {
      if (!isTar(file)) {
        return false;
      }
      Files.createDirectory(scratch);
      // What a channel reads, an interrupt ends.
      try (InputStream in = Channels.newInputStream(FileChannel.open(file))) {
        Ownership.giveToRoot(scratch);
        LayerUnpacker unpacker = LayerUnpacker.ofArchives(Ownership::find, MOST_BYTES);
        unpacker
            .unpack(in, scratch)
            .notes()
            .forEach(note -> notes.accept("'%s': %s".formatted(file.getFileName(), note)));
        new TreeCopy(image, attributes).copyContents(scratch, destination);
        return true;
      } catch (SlipwayException e) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "the archive '%s' cannot be unpacked: %s".formatted(file.getFileName(), e.getMessage()),
            e);
      } finally {
        Trees.delete(scratch);
      }
    };
  }

  private static boolean isTar(Path file) throws IOException {
    if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
      return false;
    }
    try (InputStream in = LayerUnpacker.decompressed(Files.newInputStream(file))) {
      byte[] header = in.readNBytes(512);
      return header.length == 512 && TarArchiveInputStream.matches(header, header.length);
    } catch (IOException e) {
      // It only looked compressed.
      return false;
    }
  }
}
