package dev.slipway.testkit;

import dev.slipway.testkit.HostProcesses.HostProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What an installation holds on the machine beside the files in its data directory.
///
/// @param processes its server, database and containers
/// @param mounts mount points that lie in, or come from, its data directory
/// @param loopDevices files of its data directory that are disks
/// @param cgroups control groups with its name
/// @param networkNamespaces named network namespaces
/// @param links network interfaces
/// @param firewallTables nftables tables
public record Footprint(
    Set<String> processes,
    Set<String> mounts,
    Set<String> loopDevices,
    Set<String> cgroups,
    Set<String> networkNamespaces,
    Set<String> links,
    Set<String> firewallTables) {
  private static final String NAME = "slipway";
  private static final int KEY_BYTES = 4;

  /// Names that the worker gives to control groups, namespaces, bridges, cables and tables.
  private static final Pattern KEYED =
      Pattern.compile("(?:slipway[-_]|\\bswb|\\bs)([0-9a-f]{8})(?:\\b|v|-|/|$)");

  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  /// Deeper than the worker's own tree, not so deep that every systemd slice is walked.
  private static final int CGROUP_DEPTH = 6;

  /// What there is now.
  public static Footprint of(Path data) {
    return new Footprint(
        findProcesses(data),
        findMounts(data),
        findLoopDevices(data),
        ours(data, findCgroups()),
        ours(data, findNetworkNamespaces()),
        ours(data, findLinks()),
        ours(data, findFirewallTables()));
  }

  /// What is here and was not in `earlier`.
  public Footprint since(Footprint earlier) {
    return new Footprint(
        less(processes, earlier.processes),
        less(mounts, earlier.mounts),
        less(loopDevices, earlier.loopDevices),
        less(cgroups, earlier.cgroups),
        less(networkNamespaces, earlier.networkNamespaces),
        less(links, earlier.links),
        less(firewallTables, earlier.firewallTables));
  }

  public boolean isEmpty() {
    return Stream.of(
            processes, mounts, loopDevices, cgroups, networkNamespaces, links, firewallTables)
        .allMatch(Set::isEmpty);
  }

  private static Set<String> less(Set<String> all, Set<String> known) {
    return all.stream().filter(one -> !known.contains(one)).collect(Collectors.toSet());
  }

  private static Set<String> findProcesses(Path data) {
    return HostProcesses.list().stream()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(process -> belongs(process, data))
        .map(process -> process + " (started " + process.started() + ")")
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static boolean belongs(HostProcess process, Path data) {
    return process.commandLine().contains(data.toString())
        || process.environment().contains(data.toString())
        || process.cgroups().contains(NAME + "-" + key(data));
  }

  private static Set<String> findMounts(Path data) {
    Set<String> mounts = new TreeSet<>();
    Set<String> namespaces = new TreeSet<>();
    for (long pid : pids()) {
      Path process = Path.of("/proc", Long.toString(pid));
      try {
        if (namespaces.add(Files.readSymbolicLink(process.resolve("ns/mnt")).toString())) {
          String table =
              Files.readString(process.resolve("mountinfo"), StandardCharsets.ISO_8859_1);
          table
              .lines()
              .filter(line -> line.contains(data.toString()))
              .map(line -> line.split(" ")[4])
              .forEach(mounts::add);
        }
      } catch (IOException gone) {
        // Ended while we looked, and its mounts with it.
        namespaces.remove("");
      }
    }
    return mounts;
  }

  private static Set<String> findLoopDevices(Path data) {
    Set<String> files = new TreeSet<>();
    for (String device : names(Path.of("/sys/block"))) {
      Path backing = Path.of("/sys/block", device, "loop/backing_file");
      try {
        if (Files.exists(backing)) {
          files.add(Files.readString(backing).strip());
        }
      } catch (IOException gone) {
        // Given back while we looked.
        files.remove("");
      }
    }
    files.removeIf(file -> !file.startsWith(data.toString()));
    return files;
  }

  private static List<Long> pids() {
    long self = ProcessHandle.current().pid();
    return Stream.concat(Stream.of(self), HostProcesses.list().stream().map(HostProcess::pid))
        .toList();
  }

  private static Set<String> findCgroups() {
    try (Stream<Path> tree = Files.walk(CGROUPS, CGROUP_DEPTH)) {
      return tree.filter(path -> path.getFileName().toString().contains(NAME))
          .filter(Files::isDirectory)
          .map(Path::toString)
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (UncheckedIOException | IOException changing) {
      // The tree changes under the walk when a group is removed: look again.
      return findCgroups();
    }
  }

  private static Set<String> findNetworkNamespaces() {
    return names(Path.of("/run/netns"));
  }

  private static Set<String> findLinks() {
    return names(Path.of("/sys/class/net"));
  }

  private static Set<String> names(Path directory) {
    if (!Files.isDirectory(directory)) {
      return Set.of();
    }
    try (Stream<Path> children = Files.list(directory)) {
      return children
          .map(child -> child.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> findFirewallTables() {
    HostCommand.Outcome tables = HostCommand.attempt("nft", "list", "tables");
    return tables.status() == 0 ? new TreeSet<>(tables.lines()) : Set.of();
  }

  /// Without what carries the name of another installation on this machine.
  private static Set<String> ours(Path data, Set<String> names) {
    String key = key(data);
    return names.stream()
        .filter(name -> {
          Matcher other = KEYED.matcher(name);
          return !other.find() || other.group(1).equals(key);
        })
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The mark that an installation's names carry, which follows from its worker's directory.
  private static String key(Path data) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(data.resolve("worker").toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, KEY_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
