package dev.slipway.testkit;

import dev.slipway.testkit.HostProcesses.HostProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What an installation holds on the machine beside the files in its data directory.
///
/// @param processes its server, database and containers
/// @param mounts mount points that lie in, or come from, its data directory
/// @param cgroups control groups with its name
/// @param networkNamespaces named network namespaces
/// @param links network interfaces
/// @param firewallTables nftables tables
public record Footprint(
    Set<String> processes,
    Set<String> mounts,
    Set<String> cgroups,
    Set<String> networkNamespaces,
    Set<String> links,
    Set<String> firewallTables) {
  private static final String NAME = "slipway";
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

  /// Deeper than the worker's own tree, not so deep that every systemd slice is walked.
  private static final int CGROUP_DEPTH = 6;

  /// What there is now.
  public static Footprint of(Path data) {
    return new Footprint(
        findProcesses(data),
        findMounts(data),
        findCgroups(),
        findNetworkNamespaces(),
        findLinks(),
        findFirewallTables());
  }

  /// What is here and was not in `earlier`.
  public Footprint since(Footprint earlier) {
    return new Footprint(
        less(processes, earlier.processes),
        less(mounts, earlier.mounts),
        less(cgroups, earlier.cgroups),
        less(networkNamespaces, earlier.networkNamespaces),
        less(links, earlier.links),
        less(firewallTables, earlier.firewallTables));
  }

  public boolean isEmpty() {
    return Stream.of(processes, mounts, cgroups, networkNamespaces, links, firewallTables)
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
        || process.cgroups().contains(NAME)
        || process.environment().contains("MODAL_TASK_ID=");
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
    return firstWords(HostCommand.run("ip", "netns", "list"));
  }

  private static Set<String> findLinks() {
    return HostCommand.run("ip", "-o", "link", "show").lines().stream()
        .map(line -> line.split(": ")[1].split("@")[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> findFirewallTables() {
    HostCommand.Outcome tables = HostCommand.attempt("nft", "list", "tables");
    return tables.status() == 0 ? new TreeSet<>(tables.lines()) : Set.of();
  }

  private static Set<String> firstWords(HostCommand.Outcome outcome) {
    return outcome.lines().stream()
        .map(line -> line.split(" ")[0])
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
