package dev.slipway.worker.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.slipway.content.files.KernelCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/// A file, directory or device that this process holds open under the kernel's own number, which no
/// program that it starts inherits.
record Descriptor(int number) implements AutoCloseable {
  static final int O_RDWR = 2;

  private static final int O_CLOEXEC = 0x80000;

  private static final MethodHandle OPEN =
      KernelCall.function(
          "open",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      KernelCall.function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /// @param flags of open(2); none stands for reading
  static Descriptor open(Path path, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int number =
          (int) OPEN.invokeExact(state, arena.allocateFrom(path.toString()), flags | O_CLOEXEC);
      KernelCall.check(number, state, "cannot open " + path);
      return new Descriptor(number);
    } catch (Throwable e) {
      throw KernelCall.failure(e);
    }
  }

  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      // Nothing was written through these descriptors, so there is no failure to hear of.
      int ignored = (int) CLOSE.invokeExact(KernelCall.state(arena), number);
    } catch (Throwable e) {
      throw new IllegalStateException("close(2) could not be called", e);
    }
  }
}
