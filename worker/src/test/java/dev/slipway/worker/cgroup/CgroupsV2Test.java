package dev.slipway.worker.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Version 2 on a directory with the kernel's files, since a host may have version 1 only.
class CgroupsV2Test {
  @TempDir Path root;

  private Cgroups groups;
  private Path task;

  @BeforeEach
  void kernelFiles() throws IOException {
    Files.writeString(root.resolve("cgroup.subtree_control"), "cpuset\n");
    Path parent = Files.createDirectory(root.resolve("slipway-test"));
    Files.writeString(parent.resolve("cgroup.subtree_control"), "\n");
    task = Files.createDirectory(parent.resolve("ta-1"));
    Files.writeString(task.resolve("memory.swap.max"), "max");
    groups = new Cgroups(new CgroupLayout.V2(root), "slipway-test");
  }

  @Test
  void limitsAreWrittenInTheKernelsUnits() {
    Cgroup group = groups.create("ta-1", new Limits(2_000, 500, 128, 256, 77));

    assertThat(task.resolve("cpu.max")).hasContent("50000 100000");
    assertThat(task.resolve("cpu.weight")).hasContent("79");
    assertThat(task.resolve("memory.max")).hasContent(Long.toString(256L << 20));
    assertThat(task.resolve("memory.low")).hasContent(Long.toString(128L << 20));
    assertThat(task.resolve("memory.swap.max")).hasContent("0");
    assertThat(task.resolve("pids.max")).hasContent("77");
    assertThat(group.joinFiles()).containsExactly(task.resolve("cgroup.procs"));
  }

  @Test
  void controllersAreHandedDownToTheContainersGroup() {
    groups.create("ta-1", new Limits(0, 0, 0, 0, 10));

    assertThat(root.resolve("cgroup.subtree_control")).hasContent("+cpu +memory +pids");
    assertThat(root.resolve("slipway-test/cgroup.subtree_control"))
        .hasContent("+cpu +memory +pids");
  }

  @Test
  void withoutLimitsNothingButSharesAndProcessesIsLimited() {
    groups.create("ta-1", new Limits(0, 0, 0, 0, 10));

    assertThat(task.resolve("cpu.max")).doesNotExist();
    assertThat(task.resolve("memory.max")).doesNotExist();
    assertThat(task.resolve("cpu.weight")).hasContent("5");
  }

  @Test
  void usageIsReadFromTheKernelsCounters() throws IOException {
    Files.writeString(
        task.resolve("memory.events"),
        "low 0\nhigh 0\nmax 9\noom 2\noom_kill 2\noom_group_kill 0\n");
    Files.writeString(task.resolve("memory.peak"), "123456\n");
    Files.writeString(task.resolve("cgroup.procs"), "");

    Cgroup group = groups.create("ta-1", new Limits(0, 0, 0, 0, 10));

    assertThat(group.outOfMemoryKills()).isEqualTo(2);
    assertThat(group.peakMemoryBytes()).isEqualTo(123456);
    assertThat(group.processes()).isEmpty();
  }

  @Test
  void aKernelWithoutThePeakFileSaysZero() {
    Cgroup group = groups.create("ta-1", new Limits(0, 0, 0, 0, 10));

    assertThat(group.peakMemoryBytes()).isZero();
    assertThat(group.outOfMemoryKills()).isZero();
  }

  @Test
  void aGroupThatCannotBeMadeIsNamed() throws IOException {
    Files.delete(root.resolve("cgroup.subtree_control"));

    assertThatThrownBy(() -> groups.create("ta-1", new Limits(0, 0, 0, 0, 10)))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("slipway-test/ta-1");
  }
}
