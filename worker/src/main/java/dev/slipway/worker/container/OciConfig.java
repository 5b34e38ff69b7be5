package dev.slipway.worker.container;

import dev.slipway.worker.container.ContainerSpec.Bind;
import dev.slipway.worker.container.ContainerSpec.Privileges;
import dev.slipway.worker.machine.Ownership;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes what a container is in the words of the OCI runtime specification.
///
/// Control groups are not in it: the runtime is started inside the container's group, which the
/// worker made and limited.
final class OciConfig {
  /// Where the first process of each container comes from.
  static final String INIT = "/__modal/init";

  /// Killed before anything else when memory runs out: the runtime's own process shares the group.
  private static final int OOM_SCORE = 500;

  private static final String SHARED_MEMORY_SIZE_MIB = "1024";
  private static final int DEV_SIZE_KIB = 64;

  /// Most characters of a host name that every program can take.
  private static final int HOST_NAME_LIMIT = 63;

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final List<String> FUNCTION_CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_NET_BIND_SERVICE",
          // Without effect, since the network belongs to the host; but programs marked with it,
          // such as ping, would not even start.
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID");

  /// Package installers also change root directories and set capabilities of files.
  private static final List<String> BUILD_ONLY_CAPABILITIES =
      List.of("CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_SYS_CHROOT");

  /// What the kernel shows about the whole machine.
  private static final List<String> MASKED_PATHS =
      List.of(
          "/proc/acpi",
          "/proc/asound",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats");

  private static final List<String> READ_ONLY_PATHS =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  /// The part of `/sys` that programs size themselves by. The rest, and the control groups, stay
  /// out of sight.
  private static final List<String> SYS_PATHS =
      List.of("/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/kernel/mm");

  private final Path init;
  private final ObjectNode seccomp;
  private final long openFilesLimit;

  /// @param init the program that becomes each container's first process
  /// @param openFilesLimit most open files of a process
  OciConfig(Path init, long openFilesLimit) {
    this.init = init;
    this.seccomp = SeccompProfile.load();
    this.openFilesLimit = openFilesLimit;
  }

  /// What the runtime found out about one container.
  ///
  /// @param root path of the root file system as the runtime process sees it
  /// @param environment complete
  /// @param networkNamespace empty for a new one without any interface but loopback
  /// @param binds complete
  record Found(
      Path root,
      ContainerUser user,
      Map<String, String> environment,
      Optional<Path> networkNamespace,
      List<Bind> binds) {}

  ObjectNode write(ContainerSpec spec, Found found) {
    ObjectNode config = JSON.objectNode();
    config.put("ociVersion", "1.0.2");
    config.put("hostname", spec.id().substring(0, Math.min(spec.id().length(), HOST_NAME_LIMIT)));
    config.putObject("root").put("path", found.root().toString());
    config.set("process", process(spec, found));
    config.set("mounts", mounts(spec, found));
    config.set("linux", linux(found));
    return config;
  }

  private ObjectNode process(ContainerSpec spec, Found found) {
    ObjectNode process = JSON.objectNode();
    process.put("terminal", false);
    ObjectNode user = process.putObject("user");
    user.put("uid", found.user().uid()).put("gid", found.user().gid());
    ArrayNode groups = user.putArray("additionalGids");
    found.user().groups().forEach(groups::add);
    ArrayNode arguments = process.putArray("args");
    arguments.add(INIT).add("--");
    spec.arguments().forEach(arguments::add);
    ArrayNode environment = process.putArray("env");
    found.environment().forEach((name, value) -> environment.add(name + "=" + value));
    process.put("cwd", spec.workingDirectory());
    process.put("noNewPrivileges", true);
    process.put("oomScoreAdj", OOM_SCORE);
    process.set("capabilities", capabilities(spec.privileges(), found.user()));
    ArrayNode limits = process.putArray("rlimits");
    limit(limits, "RLIMIT_NOFILE", openFilesLimit);
    limit(limits, "RLIMIT_CORE", 0);
    return process;
  }

  /// Only root has capabilities to begin with; the bounding set lets it keep them when it changes
  /// to itself.
  private static ObjectNode capabilities(Privileges privileges, ContainerUser user) {
    List<String> names = new ArrayList<>(FUNCTION_CAPABILITIES);
    switch (privileges) {
      case FUNCTION -> {}
      case BUILD -> names.addAll(BUILD_ONLY_CAPABILITIES);
    }
    ObjectNode sets = JSON.objectNode();
    names.forEach(sets.withArray("bounding")::add);
    if (user.uid() == 0) {
      names.forEach(sets.withArray("effective")::add);
      names.forEach(sets.withArray("permitted")::add);
    }
    return sets;
  }

  private ArrayNode mounts(ContainerSpec spec, Found found) {
    ArrayNode mounts = JSON.arrayNode();
    mount(mounts, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
    mount(
        mounts,
        "/dev",
        "tmpfs",
        "tmpfs",
        "nosuid",
        "strictatime",
        "mode=755",
        "size=" + DEV_SIZE_KIB + "k");
    mount(
        mounts,
        "/dev/pts",
        "devpts",
        "devpts",
        "nosuid",
        "noexec",
        "newinstance",
        "ptmxmode=0666",
        "mode=0620");
    // Its contents count as the container's memory.
    int limit = spec.resources().memoryMibLimit();
    String size = (limit > 0 ? Integer.toString(limit) : SHARED_MEMORY_SIZE_MIB) + "m";
    mount(
        mounts,
        "/dev/shm",
        "tmpfs",
        "shm",
        "nosuid",
        "noexec",
        "nodev",
        "mode=1777",
        "size=" + size);
    for (String path : SYS_PATHS) {
      if (java.nio.file.Files.isDirectory(Path.of(path))) {
        mount(mounts, path, "bind", path, "bind", "ro", "nosuid", "noexec", "nodev");
      }
    }
    mount(mounts, INIT, "bind", init.toString(), "bind", "ro", "nosuid", "nodev");
    for (Bind bind : found.binds()) {
      mount(
          mounts,
          bind.destination(),
          "bind",
          bind.source().toString(),
          "bind",
          bind.readOnly() ? "ro" : "rw",
          "nosuid",
          "nodev");
    }
    return mounts;
  }

  private ObjectNode linux(Found found) {
    ObjectNode linux = JSON.objectNode();
    identities(linux.putArray("uidMappings"));
    identities(linux.putArray("gidMappings"));
    ArrayNode namespaces = linux.putArray("namespaces");
    for (String type : List.of("pid", "mount", "ipc", "uts", "user", "cgroup")) {
      namespaces.addObject().put("type", type);
    }
    ObjectNode network = namespaces.addObject().put("type", "network");
    found.networkNamespace().ifPresent(file -> network.put("path", file.toString()));
    MASKED_PATHS.forEach(linux.putArray("maskedPaths")::add);
    READ_ONLY_PATHS.forEach(linux.putArray("readonlyPaths")::add);
    linux.set("seccomp", seccomp);
    return linux;
  }

  private static void identities(ArrayNode mappings) {
    mappings
        .addObject()
        .put("containerID", 0)
        .put("hostID", Ownership.CONTAINER_ROOT)
        .put("size", Ownership.LAST_NEAR + 1);
    int beyond = Ownership.LAST_NEAR + 1;
    Ownership.find(beyond)
        .ifPresent(host ->
            mappings
                .addObject()
                .put("containerID", beyond)
                .put("hostID", Integer.toUnsignedLong(host))
                .put("size", Ownership.last() - Ownership.LAST_NEAR));
  }

  private static void limit(ArrayNode limits, String type, long value) {
    limits.addObject().put("type", type).put("soft", value).put("hard", value);
  }

  private static void mount(
      ArrayNode mounts, String destination, String type, String source, String... options) {
    ObjectNode mount = mounts.addObject();
    mount.put("destination", destination).put("type", type).put("source", source);
    ArrayNode array = mount.putArray("options");
    List.of(options).forEach(array::add);
  }
}
