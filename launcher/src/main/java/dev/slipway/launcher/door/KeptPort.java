package dev.slipway.launcher.door;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.InetAddress;
import java.time.Duration;

/// The process of a [DoorKeeper]. It uses nothing but the JDK, to be small.
///
/// It listens beside the server from the beginning, so that there is no moment at which nobody
/// does: of the sockets that share a port, a filter of one instruction has the kernel choose the
/// first, which is the server's for as long as it lives. The JDK has no words for that.
final class KeptPort {
  /// How long the port is kept for a server that does not come back.
  private static final Duration STAYS = Duration.ofMinutes(2);

  /// Connections that wait.
  private static final int BACKLOG = 4_096;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_REUSEPORT = 15;
  private static final int SO_ATTACH_REUSEPORT_CBPF = 51;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;

  /// `return 0`: the first socket.
  private static final short RETURN_CONSTANT = 6;

  private final Arena arena;
  private final MethodHandle socket;
  private final MethodHandle setOption;
  private final MethodHandle bind;
  private final MethodHandle listen;

  private KeptPort(Arena arena) {
    this.arena = arena;
    this.socket = find("socket", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    this.setOption =
        find(
            "setsockopt",
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT);
    this.bind = find("bind", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
    this.listen = find("listen", ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
  }

  private static MethodHandle find(String name, MemoryLayout... parameters) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, parameters));
  }

  /// Listens, and waits for the server's farewell or death.
  ///
  /// @param arguments host and port, and the note by which the next start recognizes this process
  public static void main(String[] arguments) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      new KeptPort(arena)
          .listen(InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]));
      System.out.println(LISTENING);
      System.out.flush();
      if (System.in.read() < 0) {
        Thread.sleep(STAYS);
      }
    }
  }

  /// What it says when it does.
  static final String LISTENING = "listening";

  private void listen(InetAddress address, int port) throws Throwable {
    // As servers on the JVM do: one kind of socket for both kinds of addresses, where there is
    // IPv6.
    // Only sockets of one kind share a port.
    int wide = (int) socket.invokeExact(AF_INET6, SOCK_STREAM_CLOEXEC, 0);
    int descriptor =
        wide >= 0
            ? wide
            : require("socket", (int) socket.invokeExact(AF_INET, SOCK_STREAM_CLOEXEC, 0));
    if (wide >= 0) {
      setInt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    }
    setInt(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    setInt(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
    MemorySegment where = wide >= 0 ? wideAddress(address, port) : address(address, port);
    require("bind", (int) bind.invokeExact(descriptor, where, (int) where.byteSize()));
    require("listen", (int) listen.invokeExact(descriptor, BACKLOG));
    MemorySegment filter = arena.allocate(8, 4);
    filter.set(ValueLayout.JAVA_SHORT, 0, RETURN_CONSTANT);
    MemorySegment program = arena.allocate(16, 8);
    program.set(ValueLayout.JAVA_SHORT, 0, (short) 1);
    program.set(ValueLayout.ADDRESS, 8, filter);
    setOption(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program);
  }

  private void setInt(int descriptor, int level, int option, int value) throws Throwable {
    setOption(descriptor, level, option, arena.allocateFrom(ValueLayout.JAVA_INT, value));
  }

  private void setOption(int descriptor, int level, int option, MemorySegment value)
      throws Throwable {
    require(
        "setsockopt " + option,
        (int) setOption.invokeExact(descriptor, level, option, value, (int) value.byteSize()));
  }

  private MemorySegment address(InetAddress address, int port) {
    MemorySegment bytes = arena.allocate(16, 4);
    bytes.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET);
    setPort(bytes, port);
    MemorySegment.copy(address.getAddress(), 0, bytes, ValueLayout.JAVA_BYTE, 4, 4);
    return bytes;
  }

  private MemorySegment wideAddress(InetAddress address, int port) {
    MemorySegment bytes = arena.allocate(28, 4);
    bytes.set(ValueLayout.JAVA_SHORT, 0, (short) AF_INET6);
    setPort(bytes, port);
    byte[] raw = address.getAddress();
    if (raw.length == 16) {
      MemorySegment.copy(raw, 0, bytes, ValueLayout.JAVA_BYTE, 8, 16);
    } else if (!address.isAnyLocalAddress()) {
      // An IPv4 address in the form of an IPv6 one.
      bytes.set(ValueLayout.JAVA_SHORT, 18, (short) -1);
      MemorySegment.copy(raw, 0, bytes, ValueLayout.JAVA_BYTE, 20, 4);
    }
    return bytes;
  }

  private static void setPort(MemorySegment bytes, int port) {
    bytes.set(ValueLayout.JAVA_BYTE, 2, (byte) (port >> 8));
    bytes.set(ValueLayout.JAVA_BYTE, 3, (byte) port);
  }

  private static int require(String call, int result) throws IOException {
    if (result < 0) {
      throw new IOException(call + " failed");
    }
    return result;
  }
}
