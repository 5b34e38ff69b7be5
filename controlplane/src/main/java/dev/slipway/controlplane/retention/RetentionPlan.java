package dev.slipway.controlplane.retention;

import dev.slipway.controlplane.image.KeptImage;
import dev.slipway.model.ImageId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What one machine keeps and what goes. Pure.
///
/// What is needed, in use or was used lately stays, whatever its size. Of the rest the least lately
/// used goes first, until all that is left is within the budget; of an image, the upper layers go
/// before those below them.
///
/// @param kept with the reasons
/// @param removed in the order in which it goes
/// @param forgotten the images that something is removed of
public record RetentionPlan(List<Kept> kept, List<Holding> removed, Set<ImageId> forgotten) {
  /// Something that stays.
  ///
  /// @param workspace whom the reason is for; empty: anybody
  public record Kept(Holding holding, Optional<Need> need, String reason) {}

  public RetentionPlan {
    kept = List.copyOf(kept);
    removed = List.copyOf(removed);
    forgotten = Set.copyOf(forgotten);
  }

  /// Decides.
  ///
  /// @param needs why images are needed
  /// @param now by the server's clock, which the last uses of images are by
  public static RetentionPlan of(
      Inventory inventory,
      List<KeptImage> images,
      Map<ImageId, Need> needs,
      RetentionLimits limits,
      Instant now) {
    return new Planning(inventory, images, needs, limits, now).plan();
  }

  private static final class Planning {
    private final Inventory inventory;
    private final List<KeptImage> images;
    private final RetentionLimits limits;
    private final Instant now;
    private final Map<ImageId, Need> needs;
    private final Map<String, Rank> ranks = new HashMap<>();
    private final Map<String, Need> neededLayers = new HashMap<>();
    private final Set<String> carrying = new HashSet<>();
    private final Map<String, List<ImageId>> imagesOf = new HashMap<>();

    /// Where a layer stands among those that may go.
    ///
    /// @param lastUsed of the layer, and of all that stands on it
    /// @param depth its place in an image, counted from the bottom
    private record Rank(Instant lastUsed, int depth) {
      Rank or(Instant other, int place) {
        return new Rank(other.isAfter(lastUsed) ? other : lastUsed, Math.max(depth, place));
      }
    }

    Planning(
        Inventory inventory,
        List<KeptImage> images,
        Map<ImageId, Need> needs,
        RetentionLimits limits,
        Instant now) {
      this.inventory = inventory;
      this.images = images;
      this.needs = needs;
      this.limits = limits;
      this.now = now;
    }

    RetentionPlan plan() {
      Map<String, Holding> layers = new HashMap<>();
      for (Holding holding : inventory.holdings()) {
        if (holding.kind() == Holding.Kind.LAYER) {
          layers.put(holding.id(), holding);
          ranks.put(holding.id(), new Rank(holding.lastUsed(), 0));
        }
      }
      images.forEach(image -> place(image, layers));
      List<Kept> kept = new ArrayList<>();
      List<Holding> unneeded = new ArrayList<>();
      for (Holding holding : inventory.holdings()) {
        reason(holding).ifPresentOrElse(kept::add, () -> unneeded.add(holding));
      }
      return choose(kept, unneeded);
    }

    /// Notes what an image says about its layers, from the top to the bottom: a layer is needed by
    /// all that stands on it.
    private void place(KeptImage image, Map<String, Holding> layers) {
      Optional<Need> need = need(image);
      Instant lastUsed = image.lastUsed();
      boolean carries = false;
      for (int depth = image.layerIds().size() - 1; depth >= 0; depth--) {
        String id = image.layerIds().get(depth);
        Holding holding = layers.get(id);
        if (holding == null) {
          continue;
        }
        if (carries) {
          carrying.add(id);
        }
        carries |= holding.users() > 0 || isLate(holding);
        lastUsed = holding.lastUsed().isAfter(lastUsed) ? holding.lastUsed() : lastUsed;
        Instant used = lastUsed;
        int place = depth;
        ranks.computeIfPresent(id, (_, rank) -> rank.or(used, place));
        need.ifPresent(found -> neededLayers.putIfAbsent(id, found));
        imagesOf.computeIfAbsent(id, _ -> new ArrayList<>()).add(image.id());
      }
    }

    private Optional<Need> need(KeptImage image) {
      if (image.building()) {
        return Optional.of(new Need(image.workspace(), image.id() + " is being built"));
      }
      if (needs.containsKey(image.id())) {
        return Optional.of(needs.get(image.id()));
      }
      if (!image.name().isEmpty()) {
        return Optional.of(
            new Need(image.workspace(), image.id() + " is published as '" + image.name() + "'"));
      }
      Duration unused = Duration.between(image.lastUsed(), now);
      return unused.compareTo(limits.keepUnused()) <= 0
          ? Optional.of(new Need(image.workspace(), image.id() + " was asked for " + ago(unused)))
          : Optional.empty();
    }

    private Optional<Kept> reason(Holding holding) {
      Need need = holding.kind() == Holding.Kind.LAYER ? neededLayers.get(holding.id()) : null;
      if (need != null) {
        return Optional.of(new Kept(holding, Optional.of(need), need.sentence()));
      }
      if (holding.users() > 0) {
        return kept(holding, "in use by %d containers or builds".formatted(holding.users()));
      }
      if (isLate(holding)) {
        return kept(
            holding, "was used " + ago(Duration.between(holding.lastUsed(), inventory.at())));
      }
      return holding.kind() == Holding.Kind.LAYER && carrying.contains(holding.id())
          ? kept(holding, "a layer in use stands on it")
          : Optional.empty();
    }

    private static Optional<Kept> kept(Holding holding, String reason) {
      return Optional.of(new Kept(holding, Optional.empty(), reason));
    }

    private boolean isLate(Holding holding) {
      return !holding.lastUsed().isBefore(inventory.at().minus(limits.keepUnused()));
    }

    private RetentionPlan choose(List<Kept> kept, List<Holding> unneeded) {
      unneeded.sort(
          Comparator.comparing((Holding holding) -> rank(holding).lastUsed())
              .thenComparing(Comparator.comparing((Holding h) -> rank(h).depth()).reversed())
              .thenComparing(Holding::id));
      long total = inventory.holdings().stream().mapToLong(Holding::sizeBytes).sum();
      List<Holding> removed = new ArrayList<>();
      Set<ImageId> forgotten = new HashSet<>();
      for (Holding holding : unneeded) {
        if (total > limits.budgetBytes()) {
          total -= holding.sizeBytes();
          removed.add(holding);
          if (holding.kind() == Holding.Kind.LAYER) {
            forgotten.addAll(imagesOf.getOrDefault(holding.id(), List.of()));
          }
        } else {
          kept.add(
              new Kept(
                  holding,
                  Optional.empty(),
                  "nobody needs it; there is room for it, last used "
                      + ago(Duration.between(holding.lastUsed(), inventory.at()))));
        }
      }
      return new RetentionPlan(kept, removed, forgotten);
    }

    private Rank rank(Holding holding) {
      return holding.kind() == Holding.Kind.LAYER
          ? ranks.getOrDefault(holding.id(), new Rank(holding.lastUsed(), 0))
          : new Rank(holding.lastUsed(), 0);
    }

    private static String ago(Duration time) {
      if (time.toDays() > 1) {
        return time.toDays() + " days ago";
      }
      return time.toHours() > 0
          ? time.toHours() + " h ago"
          : Math.max(0, time.toMinutes()) + " min ago";
    }
  }
}
