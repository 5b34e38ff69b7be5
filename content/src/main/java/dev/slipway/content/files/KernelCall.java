package dev.slipway.content.files;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/// What every call of a function of the C library has in common: the place for the error number,
/// and the sentence that an error becomes.
public final class KernelCall {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private KernelCall() {}

  /// A function of the C library. Its handle takes the segment of [#state] before the arguments.
  public static MethodHandle function(
      String name, FunctionDescriptor type, Linker.Option... options) {
    List<Linker.Option> all = new ArrayList<>(List.of(options));
    all.add(Linker.Option.captureCallState("errno"));
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), type, all.toArray(Linker.Option[]::new));
  }

  /// Where a call leaves its error number.
  public static MemorySegment state(Arena arena) {
    return arena.allocate(STATE);
  }

  /// The error number of the call that was given `state`; of no meaning when the call succeeded.
  public static int errorNumber(MemorySegment state) {
    return (int) ERRNO.get(state, 0L);
  }

  /// Throws what a negative result means.
  ///
  /// @param what the sentence that the kernel's own reason ends
  public static void check(long result, MemorySegment state, String what) throws IOException {
    if (result < 0) {
      throw new IOException(what + ": " + sentence(errorNumber(state)));
    }
  }

  /// For the `catch` around a handle's call, which may throw anything by its signature.
  public static IOException failure(Throwable thrown) {
    return switch (thrown) {
      case IOException io -> io;
      case RuntimeException runtime -> throw runtime;
      case Error error -> throw error;
      case Throwable other -> new IOException(other);
    };
  }

  private static String sentence(int errno) {
    try {
      MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(Long.MAX_VALUE).getString(0) + " (" + errno + ")";
    } catch (Throwable e) {
      throw new IllegalStateException("strerror(3) could not be called", e);
    }
  }
}
