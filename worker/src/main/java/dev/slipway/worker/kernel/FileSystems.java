package dev.slipway.worker.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slipway.content.files.FileNodes;
import dev.slipway.content.files.KernelCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Mounting, unmounting and flushing file systems.
public final class FileSystems {
  /// Most bytes of the options of one mount call: a page, with its final zero byte.
  public static final int MAX_OPTION_BYTES = 4095;

  private static final int O_PATH = 0x200000;
  private static final int O_DIRECTORY = 0x10000;
  private static final int MNT_DETACH = 2;
  private static final long MS_NOSUID_NODEV = 2 | 4;

  private static final MethodHandle SYNCFS =
      KernelCall.function("syncfs", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle MOUNT =
      KernelCall.function(
          "mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle UMOUNT2 =
      KernelCall.function("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  private FileSystems() {}

  /// The directories of an overlay mount.
  ///
  /// @param lowers top to bottom, at least one
  /// @param upper takes the changes; on the same file system as `work`
  /// @param work empty, for the kernel's own use
  /// @param flags further options, such as `volatile`
  public record Overlay(List<Path> lowers, Path upper, Path work, List<String> flags) {
    public Overlay {
      lowers = List.copyOf(lowers);
      flags = List.copyOf(flags);
    }
  }

  /// Mounts an overlay.
  ///
  /// The kernel limits the options of a mount to one page, which long paths of many layers would
  /// exceed. So it is given open descriptors, as `/proc/self/fd/N`: a few characters each, whatever
  /// the paths are, and no character in them needs an escape.
  public static void mountOverlay(Overlay overlay, Path target) throws IOException {
    List<Descriptor> open = new ArrayList<>();
    try {
      StringBuilder options = new StringBuilder("lowerdir=");
      for (int i = 0; i < overlay.lowers().size(); i++) {
        options.append(i == 0 ? "" : ":").append(name(overlay.lowers().get(i), open));
      }
      options.append(",upperdir=").append(name(overlay.upper(), open));
      options.append(",workdir=").append(name(overlay.work(), open));
      overlay.flags().forEach(flag -> options.append(',').append(flag));
      if (options.length() > MAX_OPTION_BYTES) {
        throw new IOException(
            "%d layers are too many for one mount: its options would have %d bytes, at most %d fit"
                .formatted(overlay.lowers().size(), options.length(), MAX_OPTION_BYTES));
      }
      mount(
          "overlay",
          target,
          0,
          options.toString(),
          "cannot mount an overlay of " + overlay.lowers() + " at " + target);
    } finally {
      open.forEach(Descriptor::close);
    }
  }

  /// Mounts an empty file system that is kept in memory.
  ///
  /// @param bytes most bytes of what it takes; whoever writes more is told that no space is left
  public static void mountMemory(Path target, long bytes) throws IOException {
    mount(
        "tmpfs",
        target,
        MS_NOSUID_NODEV,
        "size=" + bytes,
        "cannot mount a file system in memory at " + target);
  }

  private static void mount(String type, Path target, long flags, String options, String complaint)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      MemorySegment name = arena.allocateFrom(type);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  name,
                  arena.allocateFrom(target.toString()),
                  name,
                  flags,
                  arena.allocateFrom(options));
      KernelCall.check(result, state, complaint);
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  /// Takes a mount away: it vanishes from the tree at once, and from memory when its last user
  /// ends.
  public static void detach(Path target) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result =
          (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target.toString()), MNT_DETACH);
      KernelCall.check(result, state, "cannot unmount " + target);
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  /// Takes a mount away, when nothing uses it any more.
  public static void unmount(Path target) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target.toString()), 0);
      KernelCall.check(result, state, "cannot unmount " + target);
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  /// Whether a directory of a layer hides what layers below it have under its path.
  public static boolean isOpaque(Path directory) throws IOException {
    return FileNodes.findAttribute(directory, "trusted.overlay.opaque", 1)
        .filter(value -> value.length == 1 && value[0] == 'y')
        .isPresent();
  }

  /// Waits until everything written to the file system that holds a directory is on its disk.
  public static void flush(Path directory) throws IOException {
    try (Arena arena = Arena.ofConfined();
        Descriptor descriptor = Descriptor.open(directory, O_DIRECTORY)) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) SYNCFS.invokeExact(state, descriptor.number());
      KernelCall.check(result, state, "cannot flush the file system of " + directory);
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  private static String name(Path directory, List<Descriptor> open) throws IOException {
    Descriptor descriptor = Descriptor.open(directory, O_PATH | O_DIRECTORY);
    open.add(descriptor);
    return "/proc/self/fd/" + descriptor.number();
  }
}
