package dev.slipway.worker.network;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Network namespaces made ahead of need: making one takes longer than starting a container in it.
/// One thread makes them in batches and deletes those that come back; a namespace serves one
/// container only.
public final class NetworkPool implements Namespaces, AutoCloseable {
  /// Namespaces that are ready when nothing happens.
  static final int READY = 8;

  /// Namespaces that are made by one run of the programs.
  static final int BATCH = 16;

  private static final int NAME_PORT = 53;

  /// Largest packet where there is no way out.
  private static final int USUAL_PACKET_BYTES = 1_500;

  private static final Path DIRECTORY = Path.of("/run/netns");

  /// Run inside a new namespace. A container's root is not the root of its network, so ports below
  /// 1024 and `ping` must be free to everybody; and IPv6 leads nowhere.
  private static final String SET_UP =
      """
      cd /proc/sys/net/ipv4 && echo 0 > ip_unprivileged_port_start \
      && echo 0 2147483647 > ping_group_range || exit 1
      cd ../ipv6/conf/all 2>/dev/null && echo 1 > disable_ipv6
      exec ip -batch -
      """;

  private static final Logger log = LoggerFactory.getLogger(NetworkPool.class);

  private final Installation installation;
  private final Subnet subnet;
  private final PacketFilter filter;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<NetworkNamespace> ready = new ArrayDeque<>();
  private final List<NetworkNamespace> returned = new ArrayList<>();
  private final BitSet numbers = new BitSet();
  private final int packetBytes;
  private final Resolvers resolvers;
  private Optional<NameRelay> names = Optional.empty();
  private int lastNumber;
  private int waiting;
  private String failure = "";
  private boolean closed;
  private final Thread maker;

  private NetworkPool(
      Installation installation,
      Subnet subnet,
      PacketFilter filter,
      int packetBytes,
      Resolvers resolvers) {
    this.packetBytes = packetBytes;
    this.resolvers = resolvers;
    this.installation = installation;
    this.subnet = subnet;
    this.filter = filter;
    this.maker = Thread.ofPlatform().name("network-pool").daemon().start(this::work);
  }

  /// Makes the bridge and the packet filter's table, and begins to fill the pool. What a killed
  /// process of the same installation left must be gone.
  public static NetworkPool open(Installation installation, Resolvers resolvers)
      throws InterruptedException {
    Subnet subnet = FreeSubnet.choose(installation);
    String bridge = installation.bridge();
    batch(
        List.of(
            "link add name " + bridge + " type bridge",
            "addr add " + subnet.gateway() + "/" + Subnet.PREFIX_LENGTH + " dev " + bridge,
            "link set " + bridge + " up"));
    writeSetting(Path.of("/proc/sys/net/ipv6/conf", bridge, "disable_ipv6"), "1");
    writeSetting(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
    PacketFilter filter = new PacketFilter(installation.filterTable());
    filter.write(bridge, subnet, resolvers.servers());
    NetworkPool pool =
        new NetworkPool(installation, subnet, filter, packetBytesOfTheWayOut(), resolvers);
    if (resolvers.loopback().isPresent()) {
      pool.relayNames(resolvers.loopback().get());
    }
    return pool;
  }

  /// Largest packet of the interface that the default route takes: what is larger would have to be
  /// cut, or get lost.
  private static int packetBytesOfTheWayOut() throws InterruptedException {
    List<String> words =
        List.of(Program.require("ip", "-4", "route", "show", "default").strip().split("\\s+"));
    int device = words.indexOf("dev") + 1;
    if (device == 0 || device == words.size()) {
      return USUAL_PACKET_BYTES;
    }
    try {
      Path file = Path.of("/sys/class/net", words.get(device), "mtu");
      return Integer.parseInt(Files.readString(file).strip());
    } catch (IOException e) {
      throw new UncheckedIOException("the size of packets on the way out is not known", e);
    }
  }

  private static void writeSetting(Path file, String value) {
    try {
      if (Files.exists(file) && !Files.readString(file).strip().equals(value)) {
        Files.writeString(file, value);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the kernel setting " + file + " cannot be changed", e);
    }
  }

  /// The host's address that containers see.
  public String gateway() {
    return subnet.gateway();
  }

  /// Contents of `/etc/resolv.conf` for the containers of this network.
  public String resolvConf() {
    return resolvers.configurationAt(subnet.gateway());
  }

  private void relayNames(String resolver) throws InterruptedException {
    names =
        Optional.of(
            NameRelay.open(
                new InetSocketAddress(subnet.gateway(), NAME_PORT),
                new InetSocketAddress(resolver, NAME_PORT)));
    filter.openNames();
  }

  /// Lets containers reach a port on the gateway's address.
  public void openPort(int port) throws InterruptedException {
    filter.open(port);
  }

  @Override
  public NetworkNamespace acquire() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      waiting++;
      changed.signalAll();
      try {
        while (ready.isEmpty()) {
          if (closed) {
            throw new SlipwayException(ErrorKind.UNAVAILABLE, "the worker is stopping");
          }
          if (numbers.cardinality() >= Subnet.MAX_CONTAINERS && returned.isEmpty()) {
            throw new SlipwayException(
                ErrorKind.EXHAUSTED,
                "all " + Subnet.MAX_CONTAINERS + " addresses for containers are in use");
          }
          if (!failure.isEmpty()) {
            throw new SlipwayException(ErrorKind.UNAVAILABLE, failure);
          }
          changed.await();
        }
        return ready.removeFirst();
      } finally {
        waiting--;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void release(NetworkNamespace namespace) {
    lock.lock();
    try {
      returned.add(namespace);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    while (true) {
      try {
        List<NetworkNamespace> old;
        int wanted;
        lock.lockInterruptibly();
        try {
          while (!closed && returned.isEmpty() && missing() == 0) {
            changed.await();
          }
          if (closed) {
            return;
          }
          wanted = Math.min(BATCH, missing());
          // Containers that wait come before the cleaning.
          old = waiting > 0 ? List.of() : List.copyOf(returned);
          returned.removeAll(old);
        } finally {
          lock.unlock();
        }
        if (wanted > 0) {
          make(wanted);
        }
        if (!old.isEmpty()) {
          delete(old);
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("network namespaces cannot be made", e);
        fail(e);
      }
    }
  }

  /// The lock is held.
  private int missing() {
    int room = Subnet.MAX_CONTAINERS - numbers.cardinality();
    return Math.max(0, Math.min(room, READY + waiting - ready.size()));
  }

  private void fail(RuntimeException e) {
    lock.lock();
    try {
      failure = "network namespaces cannot be made on this machine: " + e.getMessage();
      changed.signalAll();
      // Whoever waits is told; the next one makes another attempt.
      changed.awaitNanos(java.time.Duration.ofSeconds(1).toNanos());
      failure = "";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void make(int count) throws InterruptedException {
    List<NetworkNamespace> made = new ArrayList<>();
    List<String> outside = new ArrayList<>();
    lock.lock();
    try {
      for (int i = 0; i < count; i++) {
        int number = takeNumber();
        String name = installation.namespacePrefix() + number;
        made.add(
            new NetworkNamespace(number, name, DIRECTORY.resolve(name), subnet.address(number)));
      }
    } finally {
      lock.unlock();
    }
    for (NetworkNamespace namespace : made) {
      String cable = installation.cablePrefix() + namespace.number();
      outside.add("netns add " + namespace.name());
      outside.add(
          "link add %1$s mtu %2$d type veth peer name eth0 mtu %2$d netns %3$s"
              .formatted(cable, packetBytes, namespace.name()));
      outside.add("link set " + cable + " master " + installation.bridge());
      outside.add("link set " + cable + " type bridge_slave isolated on");
      outside.add("link set " + cable + " up");
    }
    int connected = 0;
    try {
      batch(outside);
      for (NetworkNamespace namespace : made) {
        connect(namespace);
        connected++;
      }
    } catch (RuntimeException e) {
      // Those that could not be finished are taken apart, so that their numbers can be used again.
      delete(made.subList(connected, made.size()));
      throw e;
    }
  }

  private void connect(NetworkNamespace namespace) throws InterruptedException {
    String inside =
        lines(
            List.of(
                "link set lo up",
                "addr add " + namespace.address() + "/" + Subnet.PREFIX_LENGTH + " dev eth0",
                "link set eth0 up",
                "route add default via " + subnet.gateway()));
    Program.require(List.of("nsenter", "--net=" + namespace.file(), "sh", "-c", SET_UP), inside);
    lock.lock();
    try {
      ready.addLast(namespace);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The lock is held. Goes round, so that what still travels to a container that ended does not
  /// reach its successor.
  private int takeNumber() {
    int number = numbers.nextClearBit(lastNumber + 1);
    if (number > Subnet.MAX_CONTAINERS) {
      number = numbers.nextClearBit(1);
    }
    numbers.set(number);
    lastNumber = number;
    return number;
  }

  private void delete(List<NetworkNamespace> old) throws InterruptedException {
    List<String> commands =
        old.stream().flatMap(namespace -> removal(namespace.number()).stream()).toList();
    Program.run(List.of("ip", "-force", "-batch", "-"), lines(commands), Program.USUAL_TIME);
    lock.lock();
    try {
      old.forEach(namespace -> numbers.clear(namespace.number()));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// The cable first: with its namespace it would go away by itself, but a moment later, when its
  /// name may be wanted again.
  private List<String> removal(int number) {
    return List.of(
        "link del " + installation.cablePrefix() + number,
        "netns del " + installation.namespacePrefix() + number);
  }

  private static void batch(List<String> commands) throws InterruptedException {
    Program.require(List.of("ip", "-batch", "-"), lines(commands));
  }

  private static String lines(List<String> commands) {
    return String.join("\n", commands) + "\n";
  }

  /// Removes every namespace, the bridge and the packet filter's table. The containers must have
  /// ended.
  @Override
  public void close() throws InterruptedException {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    maker.interrupt();
    maker.join();
    try {
      if (names.isPresent()) {
        names.get().close();
      }
    } catch (IOException e) {
      log.warn("the relay of names was not closed: {}", e.toString());
    }
    List<String> commands = new ArrayList<>();
    for (int number = numbers.nextSetBit(1); number > 0; number = numbers.nextSetBit(number + 1)) {
      commands.addAll(removal(number));
    }
    commands.add("link del " + installation.bridge());
    Program.run(List.of("ip", "-force", "-batch", "-"), lines(commands), Program.USUAL_TIME);
    filter.remove();
  }
}
