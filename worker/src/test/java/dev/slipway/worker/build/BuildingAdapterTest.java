package dev.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.protocol.worker.AmazonKeys;
import dev.slipway.protocol.worker.RegistryLogin;
import dev.slipway.protocol.worker.StartBuild;
import org.junit.jupiter.api.Test;

class BuildingAdapterTest {
  @Test
  void readsEveryKindOfLogin() {
    StartBuild none = StartBuild.newBuilder().setLayerId("ly-1").setBaseReference("x:1").build();
    RegistryLogin password = RegistryLogin.newBuilder().setUser("ann").setPassword("hush").build();
    RegistryLogin keys =
        RegistryLogin.newBuilder()
            .setAmazon(
                AmazonKeys.newBuilder()
                    .setAccessKeyId("id")
                    .setSecretAccessKey("hush")
                    .setSessionToken("for a time"))
            .build();

    assertThat(BuildingAdapter.order(none).login()).isEmpty();
    assertThat(BuildingAdapter.order(none.toBuilder().setBaseLogin(password).build()).login())
        .contains(new Credentials("ann", "hush"));
    assertThat(BuildingAdapter.order(none.toBuilder().setBaseLogin(keys).build()).login())
        .contains(new dev.slipway.images.registry.AmazonKeys("id", "hush", "for a time"));
  }
}
