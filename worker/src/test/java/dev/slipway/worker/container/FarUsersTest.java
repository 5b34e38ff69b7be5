package dev.slipway.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.network.HostAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real containers whose users have large numbers. Needs root and the runtime's programs.
@Tag("integration")
@Timeout(60)
class FarUsersTest {
  @TempDir Path directory;

  private Cgroups cgroups;
  private CrunRuntime runtime;
  private HostRoot root;
  private final CollectedOutput output = new CollectedOutput();

  @BeforeEach
  void install() throws IOException {
    Installation installation = Installation.of(directory.resolve("data"));
    cgroups = new Cgroups(CgroupLayout.detect(), installation.cgroup());
    runtime =
        new CrunRuntime(
            installation,
            RuntimePrograms.find(),
            cgroups,
            new NoOutboundNetwork(),
            new HostAccess("", Optional.empty(), Map.of()),
            Clock.systemUTC());
    root = HostRoot.make(directory.resolve("root"));
  }

  @AfterEach
  void close() throws IOException {
    cgroups.removeAll();
    runtime.close();
  }

  @Test
  void aUserOrOwnerMayBeBeyondTheFirst65536() throws Exception {
    Files.setAttribute(root.directory().resolve("tmp"), "unix:mode", 0777);
    run(root.spec("a", "sh", "-c", "id -u; id -g; touch /tmp/far").withUser("1001210000:100000"));
    run(root.spec("b", "sh", "-c", "touch /tmp/given; chown 70000:2147483645 /tmp/given"));

    assertThat(output.stdout()).isEqualTo("1001210000\n100000\n");
    assertThat(owner("far")).isEqualTo(Ownership.find(1_001_210_000).orElseThrow());
    assertThat(owner("given")).isEqualTo(Ownership.find(70_000).orElseThrow());
    assertThatThrownBy(() -> run(root.spec("c", "true").withUser("4000000000")))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("4000000000 is beyond the last one of a container, 2147483645");
  }

  private Object owner(String file) throws IOException {
    return Files.getAttribute(root.directory().resolve("tmp").resolve(file), "unix:uid");
  }

  private Exit run(ContainerSpec spec) throws InterruptedException {
    return runtime.run(spec.withNetwork(Network.BLOCKED), output).waitForExit();
  }
}
