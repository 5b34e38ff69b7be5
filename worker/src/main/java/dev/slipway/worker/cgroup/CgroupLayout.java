package dev.slipway.worker.cgroup;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Where this machine has its control groups.
public sealed interface CgroupLayout {
  /// The controllers that limits need.
  Set<String> NEEDED = Set.of("cpu", "memory", "pids");

  /// One hierarchy per controller.
  ///
  /// @param hierarchies mount point by controller: the needed ones, and `freezer` where it exists
  /// @param unified the version 2 mount beside them that has controllers of its own, which the
  ///   container runtime refuses to see
  record V1(Map<String, Path> hierarchies, Optional<Path> unified) implements CgroupLayout {
    public V1 {
      hierarchies = java.util.Collections.unmodifiableMap(new TreeMap<>(hierarchies));
    }
  }

  /// One hierarchy for all controllers.
  record V2(Path root) implements CgroupLayout {}

  /// Reads the layout from this process's table of mounts.
  ///
  /// @throws SlipwayException of kind `UNSUPPORTED` naming the controllers that are missing
  static CgroupLayout detect() {
    try {
      return detect(Files.readAllLines(Path.of("/proc/self/mountinfo")));
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED, "the table of mounts cannot be read: " + e.getMessage(), e);
    }
  }

  /// @param mountInfo lines as in `/proc/self/mountinfo`
  static CgroupLayout detect(List<String> mountInfo) {
    Map<String, Path> hierarchies = new TreeMap<>();
    Optional<Path> second = Optional.empty();
    for (String line : mountInfo) {
      // "36 35 98:0 / /mnt rw,noatime shared:1 - type source options"
      String[] halves = line.split(" - ", 2);
      if (halves.length != 2) {
        continue;
      }
      String target = halves[0].split(" ")[4];
      String[] kind = halves[1].split(" ");
      if (kind[0].equals("cgroup2")) {
        second = second.or(() -> Optional.of(Path.of(target)));
      } else if (kind[0].equals("cgroup")) {
        Arrays.stream(kind[2].split(","))
            .filter(option -> NEEDED.contains(option) || option.equals("freezer"))
            .forEach(controller -> hierarchies.putIfAbsent(controller, Path.of(target)));
      }
    }
    Set<String> unified = second.map(CgroupLayout::controllers).orElse(Set.of());
    if (second.isPresent() && unified.containsAll(NEEDED)) {
      return new V2(second.get());
    }
    if (hierarchies.keySet().containsAll(NEEDED)) {
      return new V1(hierarchies, unified.isEmpty() ? Optional.empty() : second);
    }
    throw new SlipwayException(
        ErrorKind.UNSUPPORTED,
        ("limits need the cgroup controllers %s in one place; version 1 has %s, version 2 has %s."
                + " Mount them, or boot with systemd.unified_cgroup_hierarchy=1")
            .formatted(
                String.join(", ", NEEDED.stream().sorted().toList()),
                hierarchies.isEmpty() ? "none" : hierarchies.keySet(),
                unified.isEmpty() ? "none" : unified.stream().sorted().toList()));
  }

  /// One line about it, for the operator.
  default String describe() {
    return switch (this) {
      case V1(var hierarchies, var unified) ->
          "version 1"
              + (unified.isPresent() ? " beside version 2 (hybrid)" : "")
              + ", controllers "
              + String.join(", ", hierarchies.keySet());
      case V2(var root) -> "version 2 at " + root;
    };
  }

  private static Set<String> controllers(Path root) {
    try {
      String words = Files.readString(root.resolve("cgroup.controllers")).strip();
      return words.isEmpty() ? Set.of() : Set.of(words.split(" "));
    } catch (IOException e) {
      // A mount that cannot be read has nothing to offer; what is missing is named by the caller.
      return Set.of();
    }
  }
}
