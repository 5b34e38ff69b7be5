package dev.slipway.content.files;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/// What files can be and Java cannot make: nodes that overlayfs reads as deletions, pipes, and
/// extended attributes of any name space. Needs the capabilities of root.
public final class FileNodes {
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int PIPE = 0010000;

  private static final MethodHandle MKNOD =
      KernelCall.function("mknod", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG));
  private static final MethodHandle LGETXATTR =
      KernelCall.function(
          "lgetxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle LSETXATTR =
      KernelCall.function(
          "lsetxattr",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT));

  private FileNodes() {}

  /// Makes the node that hides a name of the layers below.
  public static void makeWhiteout(Path path) throws IOException {
    makeNode(path, CHARACTER_DEVICE);
  }

  /// Makes a named pipe that its owner may read and write.
  public static void makePipe(Path path) throws IOException {
    makeNode(path, PIPE | 0600);
  }

  /// Marks a directory as hiding everything that layers below have under its name.
  public static void markOpaque(Path directory) throws IOException {
    setAttribute(directory, "trusted.overlay.opaque", new byte[] {'y'});
  }

  /// An extended attribute of the file itself, links not followed; empty when it has none of this
  /// name.
  ///
  /// @param most bytes that the value may have
  public static Optional<byte[]> findAttribute(Path path, String name, int most)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      MemorySegment value = arena.allocate(most);
      long length =
          (long)
              LGETXATTR.invokeExact(
                  state,
                  arena.allocateFrom(path.toString()),
                  arena.allocateFrom(name),
                  value,
                  (long) most);
      return length < 0
          ? Optional.empty()
          : Optional.of(value.asSlice(0, length).toArray(JAVA_BYTE));
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  /// Sets an extended attribute of the file itself, links not followed.
  public static void setAttribute(Path path, String name, byte[] value) throws IOException {
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
