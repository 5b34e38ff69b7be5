package dev.slipway.worker.cleanup;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.machine.Directories;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an installation has in the kernel, and in directories that only matter while it runs: found
/// by the names that follow from its data directory, so that it does not matter who made it, or
/// whether anybody remembers.
///
/// Called before a worker starts, since the one before may have been killed, and after it stopped,
/// when it finds nothing unless something went wrong.
public final class Leftovers {
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Path INTERFACES = Path.of("/sys/class/net");
  private static final Path RUN = Path.of("/run");
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private final Installation installation;
  private final Cgroups cgroups;

  public Leftovers(Installation installation, Cgroups cgroups) {
    this.installation = installation;
    this.cgroups = cgroups;
  }

  /// What was found and removed.
  ///
  /// @param containers names of control groups, each of a container
  /// @param mounts how many file systems were still mounted
  /// @param namespaces names of network namespaces
  /// @param interfaces names of bridges and virtual cables
  /// @param directories in `/run`
  public record Removed(
      List<String> containers,
      int mounts,
      List<String> namespaces,
      List<String> interfaces,
      boolean packetFilter,
      List<Path> directories) {
    public boolean isEmpty() {
      return containers.isEmpty()
          && mounts == 0
          && namespaces.isEmpty()
          && interfaces.isEmpty()
          && !packetFilter
          && directories.isEmpty();
    }
  }

  /// Ends every container of the installation and removes what belonged to it.
  ///
  /// @throws SlipwayException of kind `UNAVAILABLE` when the machine refuses
  public Removed remove() throws InterruptedException {
    // Processes first: nothing else goes away while they use it.
    List<String> containers = cgroups.removeAll();
    int mounts = detachMounts();
    List<String> namespaces = removeNamespaces();
    List<String> interfaces = removeInterfaces();
    boolean filter = removePacketFilter();
    List<Path> directories = removeDirectories();
    Removed removed = new Removed(containers, mounts, namespaces, interfaces, filter, directories);
    if (!removed.isEmpty()) {
      log.info("removed what was left of a worker: {}", removed);
    }
    return removed;
  }

  private int detachMounts() {
    int count = 0;
    try {
      count += MountTable.detachBelow(installation.directory());
      for (Path directory : runDirectories()) {
        count += MountTable.detachBelow(directory);
      }
      return count;
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "mounts below %s cannot be taken away: %s".formatted(installation.directory(), e),
          e);
    }
  }

  private List<String> removeNamespaces() throws InterruptedException {
    List<String> names =
        names(NAMESPACES).stream()
            .filter(name -> name.startsWith(installation.namespacePrefix()))
            .toList();
    for (String name : names) {
      Program.require("ip", "netns", "del", name);
    }
    return names;
  }

  private List<String> removeInterfaces() throws InterruptedException {
    List<String> removed = new ArrayList<>();
    for (String name : names(INTERFACES)) {
      if (name.equals(installation.bridge()) || name.startsWith(installation.cablePrefix())) {
        Program.Result result =
            Program.run(List.of("ip", "link", "del", name), "", Program.USUAL_TIME);
        // The kernel takes a cable away by itself, a moment after the namespace of its other end.
        if (result.code() != 0 && Files.exists(INTERFACES.resolve(name))) {
          throw new SlipwayException(
              ErrorKind.UNAVAILABLE,
              "the interface %s cannot be removed: %s".formatted(name, result.output().strip()));
        }
        removed.add(name);
      }
    }
    return removed;
  }

  private boolean removePacketFilter() throws InterruptedException {
    if (Program.find("nft").isEmpty()) {
      return false;
    }
    String table = "inet " + installation.filterTable();
    boolean there =
        Program.require("nft", "list", "tables").lines().anyMatch(("table " + table)::equals);
    if (there) {
      Program.require("nft", "delete", "table", "inet", installation.filterTable());
    }
    return there;
  }

  private List<Path> removeDirectories() {
    Path run = installation.runDirectory();
    Directories.delete(run.resolve("containers"));
    Directories.delete(run.resolve("crun"));
    List<Path> directories = runDirectories();
    directories.forEach(Directories::delete);
    return directories;
  }

  /// The installation's directories outside its data directory: see [Installation#rootAnchor].
  private List<Path> runDirectories() {
    String anchor = String.valueOf(installation.rootAnchor().getFileName());
    return names(RUN).stream()
        .filter(name -> name.equals(anchor) || name.startsWith(anchor + "-"))
        .map(RUN::resolve)
        .filter(Files::isDirectory)
        .toList();
  }

  private static List<String> names(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.map(child -> String.valueOf(child.getFileName())).sorted().toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the directory " + directory + " cannot be listed: " + e, e);
    }
  }
}
