package dev.slipway.worker.cleanup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Program;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A worker that is killed, and what its successor does about it. Needs root.
@Tag("integration")
@Timeout(60)
class LeftoversTest {
  @TempDir Path directory;

  private Installation installation;
  private Leftovers leftovers;

  @BeforeEach
  void install() {
    installation = Installation.of(directory.resolve("data"));
    leftovers = leftoversOf(installation);
  }

  @AfterEach
  void removeWhatAFailedTestLeft() throws InterruptedException {
    leftovers.remove();
  }

  @Test
  void nothingIsFoundWhereNothingIs() throws Exception {
    assertThat(leftovers.remove().isEmpty()).isTrue();
  }

  @Test
  void everythingOfAKilledWorkerIsRemovedAndNothingOfItsNeighbour() throws Exception {
    Installation neighbour = Installation.of(directory.resolve("neighbour"));
    Program.require("ip", "netns", "add", neighbour.namespacePrefix() + "1");
    try {
      Process worker = startAndKill();
      assertThat(worker.isAlive()).isFalse();
      long containerProcess = containerProcess();
      assertThat(runs(containerProcess)).isTrue();

      Leftovers.Removed removed = leftovers.remove();

      assertThat(removed.containers()).containsExactly("abandoned");
      assertThat(removed.mounts()).isEqualTo(1);
      assertThat(removed.namespaces()).containsExactly(installation.namespacePrefix() + "1");
      assertThat(removed.interfaces()).contains(installation.bridge());
      assertThat(removed.packetFilter()).isTrue();
      assertThat(removed.directories()).containsExactly(installation.rootAnchor());
      assertThat(runs(containerProcess)).isFalse();
      assertThat(MountTable.listBelow(installation.directory())).isEmpty();
      assertThat(Path.of("/sys/class/net", installation.bridge())).doesNotExist();
      assertThat(installation.rootAnchor()).doesNotExist();
      assertThat(Program.require("nft", "list", "tables"))
          .doesNotContain(installation.filterTable());
      assertThat(leftovers.remove().isEmpty()).isTrue();
      assertThat(Path.of("/run/netns", neighbour.namespacePrefix() + "1")).exists();
    } finally {
      leftoversOf(neighbour).remove();
    }
  }

  private Process startAndKill() throws Exception {
    Process worker =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                AbandonedWorker.class.getName(),
                installation.directory().toString(),
                Files.createDirectory(directory.resolve("root")).toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(worker.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(output.readLine()).isEqualTo("up");
    } finally {
      worker.destroyForcibly();
    }
    assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return worker;
  }

  private long containerProcess() throws InterruptedException {
    List<String> processes =
        Program.require("ip", "netns", "pids", installation.namespacePrefix() + "1")
            .lines()
            .toList();
    assertThat(processes).isNotEmpty();
    return Long.parseLong(processes.getFirst());
  }

  /// A process that ended but that nobody has waited for yet does not run.
  private static boolean runs(long pid) {
    try {
      return !Files.readString(Path.of("/proc", Long.toString(pid), "status"))
          .contains("State:\tZ");
    } catch (java.io.IOException gone) {
      return false;
    }
  }

  private static Leftovers leftoversOf(Installation installation) {
    return new Leftovers(installation, new Cgroups(CgroupLayout.detect(), installation.cgroup()));
  }
}
