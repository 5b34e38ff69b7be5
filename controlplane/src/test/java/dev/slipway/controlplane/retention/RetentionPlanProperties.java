package dev.slipway.controlplane.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.image.KeptImage;
import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/// Worlds of chance: layers and mounts of any age, images over them, some of both needed.
class RetentionPlanProperties {
  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final Duration KEEP = Duration.ofHours(24);
  private static final WorkspaceId OURS = new WorkspaceId("ac-ours");

  private record World(
      Inventory inventory,
      List<KeptImage> images,
      Map<ImageId, Need> needs,
      RetentionLimits limits) {
    RetentionPlan plan() {
      return RetentionPlan.of(inventory, images, needs, limits, NOW);
    }

    long bytes() {
      return inventory.holdings().stream().mapToLong(Holding::sizeBytes).sum();
    }

    Set<String> layersHere() {
      return inventory.holdings().stream()
          .filter(holding -> holding.kind() == Holding.Kind.LAYER)
          .map(Holding::id)
          .collect(Collectors.toSet());
    }
  }

  private static World world(long seed, int budget) {
    Random random = new Random(seed);
    List<Holding> holdings = new ArrayList<>();
    int layers = random.nextInt(12);
    for (int i = 0; i < layers; i++) {
      holdings.add(holding(random, Holding.Kind.LAYER, "ly-" + i));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      holdings.add(holding(random, Holding.Kind.MOUNT, "mo-" + i));
    }
    List<KeptImage> images = new ArrayList<>();
    Map<ImageId, Need> needs = new HashMap<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      ImageId id = new ImageId("im-" + i);
      List<String> stack = new ArrayList<>();
      // A layer has a place among the others, as layers have; some are on no machine here.
      for (int layer = 0; layer < layers + 2; layer++) {
        if (random.nextInt(3) == 0) {
          stack.add("ly-" + layer);
        }
      }
      boolean building = random.nextInt(8) == 0;
      String name = random.nextInt(8) == 0 ? "published" : "";
      images.add(new KeptImage(id, OURS, stack, age(random), building, name));
      if (random.nextInt(4) == 0) {
        needs.put(id, new Need(OURS, "an app runs in " + id));
      }
    }
    return new World(
        new Inventory(NOW, holdings), images, needs, new RetentionLimits(budget, KEEP));
  }

  private static Holding holding(Random random, Holding.Kind kind, String id) {
    return new Holding(kind, id, random.nextInt(100), age(random), random.nextInt(6) == 0 ? 1 : 0);
  }

  private static Instant age(Random random) {
    return NOW.minus(Duration.ofHours(random.nextInt(100)));
  }

  @Property(tries = 2_000)
  void everythingIsEitherKeptWithAReasonOrRemoved(
      @ForAll long seed, @ForAll @IntRange(max = 600) int budget) {
    World world = world(seed, budget);
    RetentionPlan plan = world.plan();

    List<Holding> all = new ArrayList<>(plan.removed());
    plan.kept().forEach(kept -> all.add(kept.holding()));
    assertThat(all).containsExactlyInAnyOrderElementsOf(world.inventory().holdings());
    assertThat(plan.kept()).allSatisfy(kept -> assertThat(kept.reason()).isNotBlank());
  }

  @Property(tries = 2_000)
  void nothingThatIsInUseOrNeededOrWasUsedLatelyGoes(
      @ForAll long seed, @ForAll @IntRange(max = 600) int budget) {
    World world = world(seed, budget);
    RetentionPlan plan = world.plan();

    Set<String> needed = new HashSet<>();
    for (KeptImage image : world.images()) {
      if (image.building()
          || !image.name().isEmpty()
          || world.needs().containsKey(image.id())
          || !image.lastUsed().isBefore(NOW.minus(KEEP))) {
        needed.addAll(image.layerIds());
        assertThat(plan.forgotten()).doesNotContain(image.id());
      }
    }
    for (Holding gone : plan.removed()) {
      assertThat(gone.users()).isZero();
      assertThat(gone.lastUsed()).isBefore(NOW.minus(KEEP));
      assertThat(gone.kind() == Holding.Kind.LAYER && needed.contains(gone.id())).isFalse();
    }
  }

  @Property(tries = 2_000)
  void anImageThatIsNotForgottenHasAllOfItsLayers(
      @ForAll long seed, @ForAll @IntRange(max = 600) int budget) {
    World world = world(seed, budget);
    RetentionPlan plan = world.plan();

    Set<String> gone = plan.removed().stream().map(Holding::id).collect(Collectors.toSet());
    for (KeptImage image : world.images()) {
      boolean loses = image.layerIds().stream().anyMatch(gone::contains);
      assertThat(plan.forgotten().contains(image.id())).isEqualTo(loses);
    }
  }

  @Property(tries = 2_000)
  void noMoreGoesThanTheBudgetAsksForAndTheLeastLatelyUsedFirst(
      @ForAll long seed, @ForAll @IntRange(max = 600) int budget) {
    World world = world(seed, budget);
    RetentionPlan plan = world.plan();

    long left = world.bytes();
    for (Holding gone : plan.removed()) {
      assertThat(left).isGreaterThan(budget);
      left -= gone.sizeBytes();
    }
    List<Holding> spared =
        plan.kept().stream()
            .filter(kept -> kept.reason().startsWith("nobody needs it"))
            .map(RetentionPlan.Kept::holding)
            .toList();
    if (!spared.isEmpty()) {
      assertThat(left).isLessThanOrEqualTo(budget);
    }
    // A layer is as young as the youngest image above it: only mounts have an age of their own.
    List<Holding> mounts =
        plan.removed().stream().filter(gone -> gone.kind() == Holding.Kind.MOUNT).toList();
    for (Holding gone : mounts) {
      assertThat(spared)
          .filteredOn(holding -> holding.kind() == Holding.Kind.MOUNT)
          .allSatisfy(holding -> assertThat(holding.lastUsed()).isAfterOrEqualTo(gone.lastUsed()));
    }
  }

  @Property(tries = 2_000)
  void ofAnImageTheUpperLayersGoFirst(@ForAll long seed, @ForAll @IntRange(max = 600) int budget) {
    World world = world(seed, budget);
    if (world.images().isEmpty()) {
      return;
    }
    // With one image alone, nothing else makes an upper layer younger than a lower one.
    KeptImage image = world.images().getFirst();
    World alone = new World(world.inventory(), List.of(image), Map.of(), world.limits());
    List<String> gone = alone.plan().removed().stream().map(Holding::id).toList();

    List<String> own = image.layerIds().stream().filter(alone.layersHere()::contains).toList();
    for (int lower = 0; lower < own.size(); lower++) {
      if (gone.contains(own.get(lower))) {
        assertThat(gone).containsAll(own.subList(lower, own.size()));
      }
    }
  }
}
