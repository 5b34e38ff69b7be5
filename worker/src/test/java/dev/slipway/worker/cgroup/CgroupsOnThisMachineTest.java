package dev.slipway.worker.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Real control groups, of whichever version this machine has. Needs root.
@Tag("integration")
class CgroupsOnThisMachineTest {
  private final Cgroups groups =
      new Cgroups(CgroupLayout.detect(), "slipway-test-" + ProcessHandle.current().pid());

  @AfterEach
  void leaveNothing() {
    groups.removeAll();
    assertThat(groups.list()).isEmpty();
  }

  @Test
  void killAllEndsProcessesThatForkAllTheTime() throws Exception {
    Cgroup group = groups.create("forks", new Limits(0, 0, 0, 64, 500));
    Process process = start(group, "while :; do sleep 0.01 & done");
    try {
      awaitJoined(group, 3);

      group.killAll();

      assertThat(group.processes()).isEmpty();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(group.remove()).isTrue();
      assertThat(groups.list()).isEmpty();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void aProcessKilledAtTheLimitIsCountedAndThePeakIsKept() throws Exception {
    Cgroup group = groups.create("memory", new Limits(0, 0, 0, 32, 20));
    Process process = start(group, "exec dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null");

    assertThat(process.waitFor()).isEqualTo(137);
    assertThat(group.outOfMemoryKills()).isEqualTo(1);
    assertThat(group.peakMemoryBytes()).isBetween(30L << 20, 32L << 20);
  }

  @Test
  void removeAllFindsWhatAnEarlierProcessLeft() throws Exception {
    Cgroup group = groups.create("left-behind", new Limits(0, 0, 0, 0, 20));
    Process process = start(group, "sleep 100 & wait");
    awaitJoined(group, 2);
    Cgroups afterRestart =
        new Cgroups(CgroupLayout.detect(), "slipway-test-" + ProcessHandle.current().pid());

    assertThat(afterRestart.removeAll()).containsExactly("left-behind");

    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(group.joinFiles()).allSatisfy(file -> assertThat(file).doesNotExist());
  }

  private static void awaitJoined(Cgroup group, int processes) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (group.processes().size() < processes) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(5);
    }
  }

  private static Process start(Cgroup group, String script) throws IOException {
    StringBuilder join = new StringBuilder();
    for (Path file : group.joinFiles()) {
      assertThat(Files.exists(file)).isTrue();
      join.append("echo $$ > '").append(file).append("'; ");
    }
    return new ProcessBuilder("sh", "-c", join + script).start();
  }
}
