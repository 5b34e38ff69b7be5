package dev.slipway.worker.cgroup;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The control groups of one installation: a parent of its own, and a child per container that the
/// worker makes, and keeps until it has read what the container used.
public final class Cgroups {
  private final CgroupLayout layout;
  private final String parent;

  /// @param parent name of the installation's own group, at the root of each hierarchy
  public Cgroups(CgroupLayout layout, String parent) {
    this.layout = layout;
    this.parent = parent;
  }

  public CgroupLayout layout() {
    return layout;
  }

  /// Makes a group with its limits.
  ///
  /// @throws SlipwayException of kind `UNAVAILABLE` when the kernel refuses
  public Cgroup create(String name, Limits limits) {
    Cgroup group = open(name);
    try {
      switch (layout) {
        case CgroupLayout.V1(var hierarchies, _) -> {
          for (Path hierarchy : hierarchies.values()) {
            Files.createDirectories(hierarchy.resolve(parent).resolve(name));
          }
          limitV1((CgroupV1) group, limits);
        }
        case CgroupLayout.V2(Path root) -> {
          enableControllers(root);
          Path own = Files.createDirectories(root.resolve(parent));
          enableControllers(own);
          limitV2(Files.createDirectories(own.resolve(name)), limits);
        }
      }
      return group;
    } catch (IOException e) {
      group.remove();
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the cgroup %s/%s with %s cannot be made: %s".formatted(parent, name, limits, e),
          e);
    }
  }

  /// Names of the groups that exist.
  public List<String> list() {
    Set<String> names = new TreeSet<>();
    for (Path own : parents()) {
      try (Stream<Path> children = Files.list(own)) {
        children
            .filter(Files::isDirectory)
            .forEach(child -> names.add(String.valueOf(child.getFileName())));
      } catch (NoSuchFileException e) {
        continue;
      } catch (IOException e) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE, "the cgroups below " + own + " cannot be listed: " + e, e);
      }
    }
    return List.copyOf(names);
  }

  /// Kills what lives in any group and removes them all, and the parent.
  ///
  /// @return names of the groups that there were
  public List<String> removeAll() {
    List<String> names = list();
    for (String name : names) {
      Cgroup group = open(name);
      group.killAll();
      group.remove();
    }
    for (Path own : parents()) {
      CgroupFiles.removeDirectory(own);
    }
    return names;
  }

  private Cgroup open(String name) {
    return switch (layout) {
      case CgroupLayout.V1 v1 -> new CgroupV1(v1, parent, name);
      case CgroupLayout.V2(Path root) -> new CgroupV2(root.resolve(parent).resolve(name));
    };
  }

  private List<Path> parents() {
    return switch (layout) {
      case CgroupLayout.V1(var hierarchies, _) -> {
        List<Path> paths = new ArrayList<>();
        // Controllers that are mounted together appear once each; a second removal finds nothing.
        hierarchies.values().forEach(hierarchy -> paths.add(hierarchy.resolve(parent)));
        yield paths;
      }
      case CgroupLayout.V2(Path root) -> List.of(root.resolve(parent));
    };
  }

  private static void limitV1(CgroupV1 group, Limits limits) throws IOException {
    write(group.file("cpu", "cpu.shares"), limits.shares());
    if (limits.milliCpuLimit() > 0) {
      write(group.file("cpu", "cpu.cfs_period_us"), Limits.QUOTA_PERIOD_US);
      write(group.file("cpu", "cpu.cfs_quota_us"), limits.quotaMicros());
    }
    if (limits.memoryMibLimit() > 0) {
      write(group.file("memory", "memory.limit_in_bytes"), limits.memoryLimitBytes());
      // Swap would turn the limit into slowness. The kernel has this file when it accounts for
      // swap.
      Path withSwap = group.file("memory", "memory.memsw.limit_in_bytes");
      if (Files.exists(withSwap)) {
        write(withSwap, limits.memoryLimitBytes());
      }
    }
    write(group.file("pids", "pids.max"), limits.pids());
  }

  private static void limitV2(Path group, Limits limits) throws IOException {
    write(group.resolve("cpu.weight"), limits.weight());
    if (limits.milliCpuLimit() > 0) {
      Files.writeString(
          group.resolve("cpu.max"), limits.quotaMicros() + " " + Limits.QUOTA_PERIOD_US);
    }
    if (limits.memoryMibLimit() > 0) {
      write(group.resolve("memory.max"), limits.memoryLimitBytes());
      Path swap = group.resolve("memory.swap.max");
      if (Files.exists(swap)) {
        write(swap, 0);
      }
    }
    if (limits.memoryMib() > 0) {
      write(group.resolve("memory.low"), limits.memoryBytes());
    }
    write(group.resolve("pids.max"), limits.pids());
  }

  /// Version 2 hands a controller to the children of a group only when the group says so.
  private static void enableControllers(Path group) throws IOException {
    Path control = group.resolve("cgroup.subtree_control");
    Set<String> enabled = Set.of(Files.readString(control).strip().split(" "));
    if (!enabled.containsAll(CgroupLayout.NEEDED)) {
      Files.writeString(control, "+cpu +memory +pids", StandardOpenOption.WRITE);
    }
  }

  private static void write(Path file, long value) throws IOException {
    Files.writeString(file, Long.toString(value));
  }
}
