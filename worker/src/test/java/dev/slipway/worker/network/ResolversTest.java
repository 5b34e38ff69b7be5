package dev.slipway.worker.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResolversTest {
  @Test
  void serversThatContainersReachAreKeptAndOthersLeftOut() {
    Resolvers resolvers =
        Resolvers.of(
            """
            # made by hand
            nameserver 127.0.0.53
            nameserver 10.0.0.2
            nameserver fe80::1
            nameserver 10.0.0.3
            search example.org
            options edns0
            """);

    assertThat(resolvers.servers()).containsExactly("10.0.0.2", "10.0.0.3");
    assertThat(resolvers.loopback()).isEmpty();
    assertThat(resolvers.configurationAt("10.96.0.1"))
        .isEqualTo("nameserver 10.0.0.2\nnameserver 10.0.0.3\nsearch example.org\noptions edns0\n");
  }

  @Test
  void aResolverOnALoopbackAddressIsAskedThroughTheGateway() {
    Resolvers resolvers = Resolvers.of("nameserver 127.0.0.1\nsearch example.org\n");

    assertThat(resolvers.servers()).isEmpty();
    assertThat(resolvers.loopback()).isEqualTo(Optional.of("127.0.0.1"));
    assertThat(resolvers.configurationAt("10.96.0.1"))
        .isEqualTo("nameserver 10.96.0.1\nsearch example.org\n");
  }

  @Test
  void aHostWithoutResolversHasNone() {
    assertThat(Resolvers.of("")).isEqualTo(new Resolvers("", List.of(), Optional.empty()));
  }
}
