package dev.slipway.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Compares what we wrote with what clients have: everything of ours must be exactly so in at least
/// one of them, and must not mean anything else in any.
final class WireComparison {
  private WireComparison() {}

  /// One sentence for each difference.
  static List<String> differences(WireSchema ours, Map<String, WireSchema> clients) {
    List<String> differences = new ArrayList<>();
    ours.types()
        .forEach((type, members) -> {
          if (clients.values().stream().noneMatch(c -> c.types().containsKey(type))) {
            differences.add(type + " is in no client");
          }
          members.values().forEach(member -> compare(type, member, clients, differences));
        });
    return differences;
  }

  private static void compare(
      String type,
      WireSchema.Member ours,
      Map<String, WireSchema> clients,
      List<String> differences) {
    boolean known = false;
    for (Map.Entry<String, WireSchema> client : clients.entrySet()) {
      Map<String, WireSchema.Member> theirs = client.getValue().types().get(type);
      if (theirs == null) {
        continue;
      }
      for (WireSchema.Member their : theirs.values()) {
        if (their.equals(ours)) {
          known = true;
        } else if (their.name().equals(ours.name()) || their.number().equals(ours.number())) {
          differences.add(
              type + ": ours is " + ours + ", client " + client.getKey() + " has " + their);
        }
      }
    }
    if (!known) {
      differences.add(type + ": " + ours + " is so in no client");
    }
  }
}
