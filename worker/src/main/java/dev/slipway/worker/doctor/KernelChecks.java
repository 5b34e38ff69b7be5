package dev.slipway.worker.doctor;

import dev.slipway.model.SlipwayException;
import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.machine.IdMap;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.machine.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the kernel offers, and lets this process use.
final class KernelChecks {
  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;

  private final Path proc;
  private final Path dev;

  KernelChecks() {
    this(Path.of("/proc"), Path.of("/dev"));
  }

  KernelChecks(Path proc, Path dev) {
    this.proc = proc;
    this.dev = dev;
  }

  Finding root() {
    String user = field("Uid:").split("\\s+")[0];
    long capabilities = Long.parseUnsignedLong(field("CapEff:"), 16);
    if (!user.equals("0")) {
      return Finding.missing(
          "root", "this process is user " + user, "start Slipway as root, such as with sudo");
    }
    if ((capabilities >> CAP_SYS_ADMIN & 1) == 0 || (capabilities >> CAP_NET_ADMIN & 1) == 0) {
      return Finding.missing(
          "root",
          "root, but without CAP_SYS_ADMIN or CAP_NET_ADMIN",
          "in a container of Docker, add --privileged");
    }
    return Finding.good("root", "user 0 with the capabilities that containers take");
  }

  Finding controlGroups() {
    try {
      return Finding.good("cgroups", CgroupLayout.detect().describe());
    } catch (SlipwayException e) {
      return Finding.missing(
          "cgroups",
          String.valueOf(e.getMessage()),
          "boot with systemd.unified_cgroup_hierarchy=1");
    }
  }

  Finding userNamespaces() {
    long most = number(proc.resolve("sys/user/max_user_namespaces"));
    if (!Files.exists(proc.resolve("self/ns/user")) || most == 0) {
      return Finding.missing(
          "user namespaces",
          most == 0 ? "none are allowed" : "the kernel has none",
          "sysctl -w user.max_user_namespaces=10000");
    }
    long last = Ownership.CONTAINER_ROOT + (long) Ownership.LAST_NEAR;
    boolean mapped = IdMap.read(proc.resolve("self/uid_map")).has(Ownership.CONTAINER_ROOT, last);
    return mapped
        ? Finding.good(
            "user namespaces",
            "containers' users are the host's %d to %d".formatted(Ownership.CONTAINER_ROOT, last))
        : Finding.missing(
            "user namespaces",
            "this process itself lives in one without the users %d to %d"
                .formatted(Ownership.CONTAINER_ROOT, last),
            "start Slipway outside of it, or map those users into it");
  }

  Finding overlay() {
    boolean known =
        lines(proc.resolve("filesystems")).stream()
            .anyMatch(line -> line.strip().endsWith("overlay"));
    return known
        ? Finding.good("overlayfs", "the kernel has it")
        : Finding.missing("overlayfs", "the kernel does not have it", "modprobe overlay");
  }

  Finding loopDevices() {
    return Files.exists(dev.resolve("loop-control"))
        ? Finding.good("loop devices", "/dev/loop-control is there")
        : Finding.limited(
            "loop devices",
            "/dev/loop-control is not there: no function can have an ephemeral_disk of its own",
            "modprobe loop");
  }

  Finding systemCallFilter() {
    Path actions = proc.resolve("sys/kernel/seccomp/actions_avail");
    return Files.exists(actions)
        ? Finding.good("seccomp", "the kernel filters system calls")
        : Finding.missing(
            "seccomp",
            "the kernel does not filter system calls",
            "use a kernel built with CONFIG_SECCOMP_FILTER");
  }

  Finding fuse() {
    return Files.exists(dev.resolve("fuse"))
        ? Finding.good("FUSE", "/dev/fuse is there")
        : Finding.limited("FUSE", "/dev/fuse is not there", "modprobe fuse");
  }

  Finding checkpoints() throws InterruptedException {
    return Program.find("criu").isPresent()
        ? Finding.good("CRIU", "criu is installed; no part of this version uses it yet")
        : Finding.limited(
            "CRIU",
            "criu is not installed; no part of this version uses it yet",
            "nothing to do; memory snapshots will need criu 4.2 or newer");
  }

  Finding graphics() throws InterruptedException {
    if (Program.find("nvidia-smi").isEmpty()) {
      return Finding.limited(
          "GPUs", "none found: there is no nvidia-smi", "install NVIDIA's driver if there is one");
    }
    Program.Result result =
        Program.run(List.of("nvidia-smi", "--list-gpus"), "", Program.USUAL_TIME);
    return result.code() == 0
        ? Finding.good("GPUs", result.output().strip().replace("\n", ", "))
        : Finding.limited("GPUs", result.output().strip(), "see what nvidia-smi says");
  }

  private String field(String name) {
    return lines(proc.resolve("self/status")).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(name.length()).strip())
        .findFirst()
        .orElse("0");
  }

  private static long number(Path file) {
    return lines(file).stream().findFirst().map(line -> Long.parseLong(line.strip())).orElse(0L);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      // What the kernel does not show it does not have.
      return List.of();
    }
  }
}
