package dev.slipway.worker.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.slipway.content.files.KernelCall;
import dev.slipway.worker.machine.Posix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/// Files that are disks: their room is taken at once, and their file systems are mounted by way of
/// loop devices that the kernel gives back by itself, whatever becomes of this process.
public final class FileDisks {
  private static final Path CONTROL = Path.of("/dev/loop-control");

  /// Others take loop devices, too, between the question for a free one and the attempt to have it.
  private static final int MOST_ATTEMPTS = 32;

  private static final long LOOP_CTL_GET_FREE = 0x4C82;
  private static final long LOOP_CONFIGURE = 0x4C0A;

  /// The kernel's `struct loop_config`: the file's descriptor, the size of a block, then `struct
  /// loop_info64`, of which only flags and name are of interest here.
  private static final int CONFIG_BYTES = 304;

  private static final int CONFIG_BLOCK_SIZE = 4;
  private static final int CONFIG_FLAGS = 8 + 52;
  private static final int CONFIG_NAME = 8 + 56;
  private static final int CONFIG_NAME_BYTES = 63;

  /// The device is free again when its last user is gone.
  private static final int LO_FLAGS_AUTOCLEAR = 4;

  /// Bytes are in the memory once, not twice.
  private static final int LO_FLAGS_DIRECT_IO = 16;

  private static final int BLOCK_BYTES = 4096;
  private static final long MS_NOATIME = 1024;
  private static final int EBUSY = 16;
  private static final int EOPNOTSUPP = 95;

  private static final MethodHandle IOCTL =
      KernelCall.function(
          "ioctl",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle FALLOCATE =
      KernelCall.function(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private FileDisks() {}

  /// Takes room for all of an existing file, so that no write to it ever finds the machine's disk
  /// full.
  ///
  /// @return false when the file system that it lies on cannot promise that
  public static boolean reserve(Path file, long bytes) throws IOException {
    try (Arena arena = Arena.ofConfined();
        Descriptor descriptor = Descriptor.open(file, Descriptor.O_RDWR)) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) FALLOCATE.invokeExact(state, descriptor.number(), 0, 0L, bytes);
      if (result < 0 && KernelCall.errorNumber(state) == EOPNOTSUPP) {
        return false;
      }
      KernelCall.check(result, state, "cannot take %d bytes for %s".formatted(bytes, file));
      return true;
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  /// Mounts the ext4 file system that a file holds.
  public static void mount(Path file, Path target, String options) throws IOException {
    try (Descriptor control = Descriptor.open(CONTROL, Descriptor.O_RDWR);
        Descriptor content = Descriptor.open(file, Descriptor.O_RDWR)) {
      for (int attempt = 1; ; attempt++) {
        Path device = Path.of("/dev/loop" + nextFree(control));
        try (Descriptor loop = Descriptor.open(device, Descriptor.O_RDWR)) {
          if (configure(loop, content, file, attempt < MOST_ATTEMPTS)) {
            // From here on the mount is what keeps the device.
            Posix.mount(device.toString(), target.toString(), "ext4", MS_NOATIME, options);
            return;
          }
        }
      }
    }
  }

  private static int nextFree(Descriptor control) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int number =
          (int) IOCTL.invokeExact(state, control.number(), LOOP_CTL_GET_FREE, MemorySegment.NULL);
      KernelCall.check(number, state, "there is no free loop device");
      return number;
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  /// @return false when somebody else has the device meanwhile
  private static boolean configure(
      Descriptor loop, Descriptor content, Path file, boolean mayBeBusy) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG_BYTES, Long.BYTES);
      config.set(JAVA_INT, 0, content.number());
      config.set(JAVA_INT, CONFIG_BLOCK_SIZE, BLOCK_BYTES);
      config.set(JAVA_INT, CONFIG_FLAGS, LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO);
      byte[] name = file.toString().getBytes(StandardCharsets.UTF_8);
      byte[] shown = Arrays.copyOf(name, Math.min(name.length, CONFIG_NAME_BYTES));
      MemorySegment.copy(MemorySegment.ofArray(shown), 0, config, CONFIG_NAME, shown.length);
      MemorySegment state = KernelCall.state(arena);
      int result = (int) IOCTL.invokeExact(state, loop.number(), LOOP_CONFIGURE, config);
      if (result < 0 && mayBeBusy && KernelCall.errorNumber(state) == EBUSY) {
        return false;
      }
      KernelCall.check(result, state, "no loop device takes " + file);
      return true;
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }
}
