package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.Run;
import java.io.IOException;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// A container sees itself and the outside, not the host and not its neighbours.
@Story
class IsolationTest {
  private final Installation installation;

  IsolationTest(Installation installation) {
    this.installation = installation;
  }

  @Test
  void aContainerSeesItsOwnProcessesAndTheOutsideButNotTheHost() throws IOException {
    String addresses =
        NetworkInterface.networkInterfaces()
            .flatMap(link -> link.getInterfaceAddresses().stream())
            .map(InterfaceAddress::getAddress)
            .filter(address -> address.getAddress().length == 4)
            .map(address -> address.getHostAddress())
            .collect(Collectors.joining(","));
    // A service of the host's own, on all of its addresses.
    try (ServerSocket service = new ServerSocket(0)) {
      Run run =
          installation
              .client(ClientRelease.NEWEST)
              .modal(
                  "run",
                  "isolation.py",
                  "--host-port",
                  Integer.toString(service.getLocalPort()),
                  "--host-addresses",
                  addresses,
                  "--url",
                  "https://pypi.org/simple/pip/")
              .succeeded();
      assertThat(run.out().lines())
          .as("%s", run)
          .contains(
              "processes: True",
              "links: ['eth0', 'lo']",
              "no new privileges: True",
              "seccomp: True",
              "may mount: False",
              "service of the host: False",
              "kernel memory: False",
              "root is mapped: True",
              "outside: 200");
    }
  }
}
