package dev.slipway.worker.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupLayoutTest {
  @TempDir Path directory;

  @Test
  void versionTwoIsChosenWhenItHasEveryControllerThatLimitsNeed() throws IOException {
    unified("cpuset cpu io memory hugetlb pids rdma\n");

    assertThat(CgroupLayout.detect(List.of(unifiedMount())))
        .isEqualTo(new CgroupLayout.V2(directory));
  }

  @Test
  void hybridHostsAreVersionOneAndRememberTheMountThatTheRuntimeRefuses() throws IOException {
    unified("hugetlb\n");

    CgroupLayout layout =
        CgroupLayout.detect(
            List.of(
                unifiedMount(),
                "30 25 0:26 / /cg/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct",
                "31 25 0:27 / /cg/memory rw,relatime - cgroup cgroup rw,memory",
                "32 25 0:28 / /cg/pids rw,relatime - cgroup cgroup rw,pids",
                "33 25 0:29 / /cg/freezer rw,relatime - cgroup cgroup rw,freezer",
                "34 25 0:30 / /cg/systemd rw,relatime - cgroup cgroup rw,name=systemd"));

    assertThat(layout)
        .isEqualTo(
            new CgroupLayout.V1(
                Map.of(
                    "cpu", Path.of("/cg/cpu,cpuacct"),
                    "memory", Path.of("/cg/memory"),
                    "pids", Path.of("/cg/pids"),
                    "freezer", Path.of("/cg/freezer")),
                Optional.of(directory)));
    assertThat(layout.describe()).contains("hybrid");
  }

  @Test
  void anEmptyVersionTwoMountDisturbsNobody() throws IOException {
    unified("\n");

    CgroupLayout layout =
        CgroupLayout.detect(
            List.of(unifiedMount(), "30 25 0:26 / /cg/all rw - cgroup cgroup rw,cpu,memory,pids"));

    assertThat(layout)
        .isInstanceOfSatisfying(CgroupLayout.V1.class, v1 -> assertThat(v1.unified()).isEmpty());
  }

  @Test
  void aHostWithoutTheControllersIsToldWhichItHas() throws IOException {
    unified("cpu\n");

    assertThatThrownBy(() -> CgroupLayout.detect(List.of(unifiedMount())))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("cpu, memory, pids")
        .hasMessageContaining("version 1 has none, version 2 has [cpu]");
  }

  private void unified(String controllers) throws IOException {
    Files.writeString(directory.resolve("cgroup.controllers"), controllers);
  }

  private String unifiedMount() {
    return "29 25 0:25 / " + directory + " rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
  }
}
