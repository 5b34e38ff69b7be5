package dev.slipway.images.registry;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slipway.content.files.KernelCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// What files can be and Java cannot make: nodes that overlayfs reads as deletions, pipes, and
/// extended attributes of any name space. Needs the capabilities of root.
final class FileNodes {
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int PIPE = 0010000;

  private static final MethodHandle MKNOD =
      KernelCall.function("mknod", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
  private static final MethodHandle LSETXATTR =
      KernelCall.function(
          "lsetxattr",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));

  private FileNodes() {}

  /// Makes the node that hides a name of the layers below.
  static void makeWhiteout(Path path) throws IOException {
    makeNode(path, CHARACTER_DEVICE);
  }

  /// Makes a named pipe with the given permissions.
  static void makePipe(Path path) throws IOException {
    makeNode(path, PIPE | 0600);
  }

  /// Marks a directory as hiding everything that layers below have under its name.
  static void markOpaque(Path directory) throws IOException {
    setAttribute(directory, "trusted.overlay.opaque", new byte[] {'y'});
  }

  /// Sets an extended attribute of the file itself, links not followed.
  static void setAttribute(Path path, String name, byte[] value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result =
          (int)
              LSETXATTR.invokeExact(
                  state,
                  arena.allocateFrom(path.toString()),
                  arena.allocateFrom(name),
                  arena.allocateFrom(JAVA_BYTE, value),
                  (long) value.length,
                  0);
      KernelCall.check(result, state, "cannot set the attribute " + name + " of " + path);
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  private static void makeNode(Path path, int mode) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) MKNOD.invokeExact(state, arena.allocateFrom(path.toString()), mode, 0L);
      KernelCall.check(result, state, "cannot make the node " + path);
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }
}
