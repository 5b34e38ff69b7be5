package dev.slipway.worker.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import org.junit.jupiter.api.Test;

class SubnetTest {
  @Test
  void theSameInstallationTakesTheSameSubnetAgain() {
    assertThat(Subnet.choose("0000000a", "")).isEqualTo(Subnet.choose("0000000a", ""));
    assertThat(Subnet.choose("0000000a", "").cidr()).isEqualTo("10.106.0.0/20");
  }

  @Test
  void whatTheMachineUsesIsPassedOver() {
    Subnet first = Subnet.choose("0000000a", "");

    assertThat(Subnet.choose("0000000a", "\n10.106.0.0/16 via 192.0.2.1 dev eth0\n"))
        .isNotEqualTo(first);
    assertThat(Subnet.choose("0000000a", "3: br0 inet 10.106.7.1/24 brd 10.106.7.255 br0"))
        .isNotEqualTo(first);
    assertThat(Subnet.choose("0000000a", "3: br0 inet 192.10.106.1/24 br0")).isEqualTo(first);
  }

  @Test
  void aMachineThatUsesAllIsToldSo() {
    StringBuilder used = new StringBuilder("\n");
    for (int i = 0; i < 256; i++) {
      used.append("10.").append(i).append(".0.0/16 dev x\n");
    }

    assertThatThrownBy(() -> Subnet.choose("0000000a", used.toString()))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("in use on this machine");
  }

  @Test
  void addressesBeginAfterTheGatewayAndEndBeforeTheBroadcast() {
    Subnet subnet = Subnet.choose("0000000a", "");

    assertThat(subnet.gateway()).isEqualTo("10.106.0.1");
    assertThat(subnet.address(1)).isEqualTo("10.106.0.2");
    assertThat(subnet.address(255)).isEqualTo("10.106.1.0");
    assertThat(subnet.address(Subnet.MAX_CONTAINERS)).isEqualTo("10.106.15.254");
  }
}
