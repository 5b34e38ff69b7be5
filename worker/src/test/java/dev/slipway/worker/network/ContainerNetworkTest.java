package dev.slipway.worker.network;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.cleanup.Leftovers;
import dev.slipway.worker.container.CollectedOutput;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.CrunRuntime;
import dev.slipway.worker.container.HostRoot;
import dev.slipway.worker.container.RunningContainer;
import dev.slipway.worker.container.RuntimePrograms;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Program;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real containers on a real bridge: what they reach and what they do not. Needs root.
@Tag("integration")
@Timeout(60)
class ContainerNetworkTest {
  /// Tries to connect to each address given as `host:port`, and says what came of it.
  private static final String CONNECT =
      """
      import socket, sys
      for word in sys.argv[1:]:
          host, port = word.rsplit(":", 1)
          try:
              socket.create_connection((host, int(port)), timeout=1).close()
              print(word, "reached")
          except OSError as failure:
              print(word, "denied")
      """;

  /// Stands for the host's own resolver.
  private static final String RESOLVER = "127.0.0.77";

  @TempDir static Path directory;

  private static Installation installation;
  private static NetworkPool pool;
  private static CrunRuntime runtime;
  private static HostRoot root;

  private final CollectedOutput output = new CollectedOutput();

  @BeforeAll
  static void install() throws Exception {
    installation = Installation.of(directory.resolve("data"));
    Resolvers resolvers = new Resolvers("", List.of(), Optional.of(RESOLVER));
    pool = NetworkPool.open(installation, resolvers);
    runtime =
        new CrunRuntime(
            installation,
            RuntimePrograms.find(),
            new Cgroups(CgroupLayout.detect(), installation.cgroup()),
            pool,
            new HostAccess(
                pool.resolvConf(), Optional.empty(), Map.of("PIP_INDEX_URL", "http://i/")),
            Clock.systemUTC());
    root = HostRoot.make(directory.resolve("root"));
  }

  @AfterAll
  static void closingLeavesNothing() throws Exception {
    runtime.close();
    pool.close();
    Leftovers.Removed left =
        new Leftovers(installation, new Cgroups(CgroupLayout.detect(), installation.cgroup()))
            .remove();
    assertThat(left.isEmpty()).as(left.toString()).isTrue();
  }

  @Test
  void aContainerHasAnAddressARouteAndTheOperatorsSettings() throws Exception {
    run("a", "sh", "-c", "cat /etc/resolv.conf; env; cat /proc/net/route | cut -f1,2; hostname -i");

    assertThat(output.stdout())
        .contains(
            "nameserver " + pool.gateway() + "\n", "PIP_INDEX_URL=http://i/\n", "eth0\t00000000\n")
        .containsPattern("\n10\\.\\d+\\.\\d+\\.\\d+");
  }

  @Test
  void theHostIsOutOfReachExceptForOpenedPortsOfTheGateway() throws Exception {
    InetAddress gateway = InetAddress.getByName(pool.gateway());
    String own = hostAddress();
    try (ServerSocket closed = new ServerSocket();
        ServerSocket opened = new ServerSocket();
        ServerSocket everywhere = new ServerSocket(0)) {
      closed.bind(new InetSocketAddress(gateway, 0));
      opened.bind(new InetSocketAddress(gateway, 0));
      pool.openPort(opened.getLocalPort());
      String open = pool.gateway() + ":" + opened.getLocalPort();

      run(
          "a",
          "/usr/bin/python3",
          "-c",
          CONNECT,
          open,
          pool.gateway() + ":" + closed.getLocalPort(),
          pool.gateway() + ":" + everywhere.getLocalPort(),
          own + ":" + everywhere.getLocalPort(),
          own + ":" + opened.getLocalPort(),
          "127.0.0.1:" + everywhere.getLocalPort(),
          "169.254.169.254:80");

      assertThat(output.stdout().lines().filter(line -> line.endsWith("reached")))
          .containsExactly(open + " reached");
      assertThat(output.stdout().lines()).hasSize(7);
    }
  }

  @Test
  void namesAreAskedAtTheGatewayWhenTheHostsResolverIsOutOfReach() throws Exception {
    try (java.net.DatagramSocket resolver =
        new java.net.DatagramSocket(new InetSocketAddress(RESOLVER, 53))) {
      Thread answering =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[512], 512);
                  resolver.receive(packet);
                  resolver.send(packet);
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      run(
          "a",
          "/usr/bin/python3",
          "-c",
          """
          import socket, sys
          s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
          s.settimeout(20)
          s.connect((sys.argv[1], 53))
          s.send(b"where")
          print(s.recv(100))
          """,
          pool.gateway());
      answering.join();

      assertThat(output.stdout()).isEqualTo("b'where'\n");
    }
  }

  @Test
  void containersDoNotReachEachOtherButTheHostReachesThem() throws Exception {
    CollectedOutput serving = new CollectedOutput();
    RunningContainer server =
        runtime.run(
            root.spec(
                "server",
                "/usr/bin/python3",
                "-u",
                "-c",
                """
                import socket
                server = socket.create_server(("", 8000))
                print("at", socket.gethostbyname(socket.gethostname()), "end")
                while True: server.accept()[0].close()
                """),
            serving);
    try {
      serving.await("end");
      String address = serving.stdout().split(" ")[1];

      run("a", "/usr/bin/python3", "-c", CONNECT, address + ":8000");

      assertThat(output.stdout()).isEqualTo(address + ":8000 denied\n");
      try (java.net.Socket socket = new java.net.Socket()) {
        socket.connect(new InetSocketAddress(address, 8000), 20_000);
        assertThat(socket.isConnected()).isTrue();
      }
    } finally {
      server.kill();
      server.waitForExit();
    }
  }

  @Test
  void rootInAContainerCannotChangeItsNetworkAndMayServeLowPorts() throws Exception {
    run(
        "a",
        "/usr/bin/python3",
        "-c",
        """
        import fcntl, socket, struct
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            # SIOCSIFADDR
            fcntl.ioctl(s, 0x8916, struct.pack("16sH2s4s8x", b"eth0", 2, b"", b"\\x0a\\x00\\x00\\x09"))
            print("changed")
        except PermissionError:
            print("denied")
        socket.create_server(("", 80))
        print("served")
        """);

    assertThat(output.stdout()).isEqualTo("denied\nserved\n");
    assertThat(output.stderr()).isEmpty();
  }

  @Test
  void whatLeavesTheHostIsMasqueraded() throws Exception {
    // A second network of the host stands for the world: what arrives there is what others see.
    String world = installation.namespacePrefix() + "world";
    String cable = installation.cablePrefix() + "w";
    Program.require("ip", "netns", "add", world);
    try {
      Program.require(
          "ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", world);
      Program.require("ip", "addr", "add", "198.51.100.1/24", "dev", cable);
      Program.require("ip", "link", "set", cable, "up");
      Program.require("ip", "-n", world, "addr", "add", "198.51.100.2/24", "dev", "eth0");
      Program.require("ip", "-n", world, "link", "set", "eth0", "up");
      Path log = Files.createTempFile(directory, "seen", ".txt");
      Process server =
          new ProcessBuilder(
                  "ip",
                  "netns",
                  "exec",
                  world,
                  "/usr/bin/python3",
                  "-u",
                  "-c",
                  """
                  import socket
                  server = socket.create_server(("198.51.100.2", 8000))
                  print("ready")
                  print("from", server.accept()[1][0])
                  """)
              .redirectOutput(log.toFile())
              .start();
      try {
        while (!Files.readString(log).contains("ready")) {
          assertThat(server.isAlive()).isTrue();
          Thread.sleep(10);
        }
        run("a", "/usr/bin/python3", "-c", CONNECT, "198.51.100.2:8000");

        assertThat(output.stdout()).isEqualTo("198.51.100.2:8000 reached\n");
        assertThat(server.waitFor()).isZero();
        assertThat(Files.readString(log)).isEqualTo("ready\nfrom 198.51.100.1\n");
      } finally {
        server.destroyForcibly();
      }
    } finally {
      Program.require("ip", "netns", "del", world);
    }
  }

  @Test
  void moreContainersThanAreReadyGetANamespaceEach() throws Exception {
    List<CollectedOutput> outputs = new java.util.ArrayList<>();
    List<RunningContainer> containers = new java.util.ArrayList<>();
    for (int i = 0; i < NetworkPool.READY * 2; i++) {
      CollectedOutput mine = new CollectedOutput();
      outputs.add(mine);
      containers.add(
          runtime.run(root.spec("many" + i, "sh", "-c", "hostname -i; exec sleep 50"), mine));
    }
    for (CollectedOutput mine : outputs) {
      mine.await("\n");
    }
    for (RunningContainer container : containers) {
      container.kill();
      container.waitForExit();
    }

    assertThat(outputs.stream().map(CollectedOutput::stdout))
        .doesNotHaveDuplicates()
        .allSatisfy(text -> assertThat(text).startsWith("10."));
  }

  private void run(String id, String... command) throws InterruptedException {
    ContainerSpec spec = root.spec(id, command);
    runtime.run(spec, output).waitForExit();
  }

  private static String hostAddress() throws Exception {
    return java.net.NetworkInterface.networkInterfaces()
        .filter(device -> !device.getName().equals(installation.bridge()))
        .flatMap(java.net.NetworkInterface::inetAddresses)
        .filter(address -> address instanceof java.net.Inet4Address)
        .filter(address -> !address.isLoopbackAddress())
        .map(InetAddress::getHostAddress)
        .findFirst()
        .orElseThrow();
  }
}
