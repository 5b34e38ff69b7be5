package dev.slipway.worker.machine;

import dev.slipway.content.files.KernelCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// The few Linux system calls that Java has no word for. Each throws [IOException] with a sentence
/// that names the call, its subject and the error.
public final class Posix {
  public static final int SIGINT = 2;
  public static final int SIGKILL = 9;

  public static final int CLONE_FS = 0x200;
  public static final int CLONE_NEWNS = 0x20000;

  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
  public static final long MS_BIND = 4096;
  public static final long MS_REC = 16384;
  public static final long MS_SLAVE = 1 << 19;
  public static final int MNT_DETACH = 2;

  /// "No such file or directory", and "invalid argument".
  private static final int ENOENT = 2;

  private static final int EINVAL = 22;

  /// "No such process".
  private static final int ESRCH = 3;

  /// The same on every architecture, as all system calls since 2019.
  private static final long SYS_PIDFD_SEND_SIGNAL = 424;

  private static final long SYS_PIDFD_OPEN = 434;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private static final MethodHandle UNSHARE =
      KernelCall.function("unshare", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle MOUNT =
      KernelCall.function(
          "mount",
          FunctionDescriptor.of(
              INT,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              LONG,
              ValueLayout.ADDRESS));
  private static final MethodHandle UMOUNT2 =
      KernelCall.function("umount2", FunctionDescriptor.of(INT, ValueLayout.ADDRESS, INT));
  private static final MethodHandle CLOSE =
      KernelCall.function("close", FunctionDescriptor.of(INT, INT));
  private static final MethodHandle SYSCALL =
      KernelCall.function(
          "syscall",
          FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG),
          Linker.Option.firstVariadicArg(1));

  private Posix() {}

  /// Gives the calling thread namespaces or a file system context of its own. Platform threads
  /// only, made for the purpose: a thread never comes back from this.
  public static void unshare(int flags) throws IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("unshare was called on a virtual thread");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) UNSHARE.invokeExact(state, flags);
      KernelCall.check(result, state, "unshare " + Integer.toHexString(flags));
    } catch (Throwable failure) {
      throw KernelCall.failure(failure);
    }
  }

  /// @param type file system; empty for binds and changes of propagation
  public static void mount(String source, String target, String type, long flags, String data)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target),
                  optional(arena, type),
                  flags,
                  optional(arena, data));
      KernelCall.check(result, state, "mount " + source + " on " + target);
    } catch (Throwable failure) {
      throw KernelCall.failure(failure);
    }
  }

  public static void unmount(String target, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target), flags);
      KernelCall.check(result, state, "umount " + target);
    } catch (Throwable failure) {
      throw KernelCall.failure(failure);
    }
  }

  /// Like [#unmount]; does nothing where nothing is mounted, or where there is nothing at all.
  public static void unmountIfMounted(String target, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) UMOUNT2.invokeExact(state, arena.allocateFrom(target), flags);
      int error = result < 0 ? KernelCall.errorNumber(state) : 0;
      if (error != EINVAL && error != ENOENT) {
        KernelCall.check(result, state, "umount " + target);
      }
    } catch (Throwable failure) {
      throw KernelCall.failure(failure);
    }
  }

  /// Opens a handle on a process that stays valid, and never comes to mean another process, until
  /// it is closed by [#closeProcess].
  public static int openProcess(long pid) throws IOException {
    return (int) syscall("pidfd_open " + pid, SYS_PIDFD_OPEN, pid, 0, 0, 0);
  }

  /// Sends a signal.
  ///
  /// @return whether the process was still there
  public static boolean signal(int processHandle, int signal) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      long result =
          (long)
              SYSCALL.invokeExact(
                  state, SYS_PIDFD_SEND_SIGNAL, (long) processHandle, (long) signal, 0L, 0L);
      if (result < 0 && KernelCall.errorNumber(state) == ESRCH) {
        return false;
      }
      KernelCall.check(result, state, "signal " + signal);
      return true;
    } catch (Throwable failure) {
      throw KernelCall.failure(failure);
    }
  }

  /// Closes what [#openProcess] opened.
  public static void closeProcess(int processHandle) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      int result = (int) CLOSE.invokeExact(state, processHandle);
      KernelCall.check(result, state, "close " + processHandle);
    } catch (Throwable failure) {
      throw KernelCall.failure(failure);
    }
  }

  private static MemorySegment optional(Arena arena, String text) {
    return text.isEmpty() ? MemorySegment.NULL : arena.allocateFrom(text);
  }

  private static long syscall(String what, long number, long a, long b, long c, long d)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = KernelCall.state(arena);
      long result = (long) SYSCALL.invokeExact(state, number, a, b, c, d);
      KernelCall.check(result, state, what);
      return result;
    } catch (Throwable failure) {
      throw KernelCall.failure(failure);
    }
  }
}
