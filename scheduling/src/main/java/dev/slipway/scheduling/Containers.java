package dev.slipway.scheduling;

import java.util.ArrayList;
import java.util.List;

/// Containers as people speak of them.
final class Containers {
  private Containers() {}

  static String text(List<ContainerSnapshot> counted) {
    if (counted.isEmpty()) {
      return "there is no container";
    }
    List<String> parts = new ArrayList<>();
    long busy = counted.stream().filter(ContainerSnapshot::busy).count();
    long idle = counted.stream().filter(ContainerSnapshot::idle).count();
    add(parts, busy, "work");
    add(parts, idle, "idle");
    add(parts, counted.size() - busy - idle, "starting");
    return counted.size()
        + (counted.size() == 1 ? " container (" : " containers (")
        + String.join(", ", parts)
        + ")";
  }

  private static void add(List<String> parts, long count, String what) {
    if (count > 0) {
      parts.add(count + " " + (what.equals("work") ? (count == 1 ? "works" : "work") : what));
    }
  }
}
