package dev.slipway.controlplane.retention;

import dev.slipway.controlplane.image.KeptImage;
import dev.slipway.controlplane.image.KeptImages;
import dev.slipway.model.ImageId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the layers and mounts of every machine within their budget, and says why what is there is
/// there.
///
/// A removal is decided on what was known a moment before. It is done in an order in which whoever
/// comes in between loses nothing: first the database forgets the images, but for those that were
/// asked for meanwhile; then the machine removes the layers, but for those that were looked for
/// meanwhile.
public final class Retention implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);
  private static final int MIB_SHIFT = 20;

  private final KeptImages images;
  private final Supplier<Map<ImageId, Need>> needs;
  private final Storehouses machines;
  private final RetentionLimits limits;
  private final Clock clock;

  /// @param needs why images are needed, other than by names and lately
  public Retention(
      KeptImages images,
      Supplier<Map<ImageId, Need>> needs,
      Storehouses machines,
      RetentionLimits limits,
      Clock clock) {
    this.images = images;
    this.needs = needs;
    this.machines = machines;
    this.limits = limits;
    this.clock = clock;
  }

  @Override
  public void run() {
    for (String worker : machines.listWorkers()) {
      try {
        tidy(worker);
      } catch (SlipwayException e) {
        log.warn("the layers of {} are left as they are: {}", worker, e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /// Brings one machine within its budget.
  ///
  /// @return the ids of what it removed
  List<String> tidy(String worker) throws InterruptedException {
    Inventory inventory = machines.ask(worker);
    List<KeptImage> known = images.list();
    RetentionPlan plan = plan(inventory, known);
    if (plan.removed().isEmpty()) {
      return List.of();
    }
    Set<String> stillNeeded = forget(plan, known);
    List<Holding> removable =
        plan.removed().stream()
            .filter(holding ->
                holding.kind() == Holding.Kind.MOUNT || !stillNeeded.contains(holding.id()))
            .toList();
    List<String> removed =
        machines.remove(worker, inventory.at().minus(limits.keepUnused()), removable);
    long bytes =
        removable.stream()
            .filter(holding -> removed.contains(holding.id()))
            .mapToLong(Holding::sizeBytes)
            .sum();
    log.info(
        "{} removed {} layers and mounts of {} MiB that nobody needs",
        worker,
        removed.size(),
        bytes >> MIB_SHIFT);
    return removed;
  }

  private RetentionPlan plan(Inventory inventory, List<KeptImage> known) {
    return RetentionPlan.of(inventory, known, needs.get(), limits, clock.instant());
  }

  /// Forgets images; gives the layers of those that were asked for meanwhile.
  private Set<String> forget(RetentionPlan plan, List<KeptImage> known) {
    Instant since = clock.instant().minus(limits.keepUnused());
    Set<String> stillNeeded = new HashSet<>();
    for (KeptImage image : known) {
      if (plan.forgotten().contains(image.id()) && !images.forget(image.id(), since)) {
        stillNeeded.addAll(image.layerIds());
      }
    }
    return stillNeeded;
  }

  /// Lines about what every machine keeps, the largest first.
  ///
  /// @param workspace who asks: what others need is told without their names
  public List<String> describe(WorkspaceId workspace) throws InterruptedException {
    List<String> lines = new ArrayList<>();
    for (String worker : machines.listWorkers()) {
      Inventory inventory = machines.ask(worker);
      RetentionPlan plan = plan(inventory, images.list());
      long total = inventory.holdings().stream().mapToLong(Holding::sizeBytes).sum();
      lines.add(
          "%s keeps %d layers and mounts: %s (budget %s)"
              .formatted(
                  worker, inventory.holdings().size(), size(total), size(limits.budgetBytes())));
      Map<Holding, String> reasons = new HashMap<>();
      plan.kept().forEach(kept -> reasons.put(kept.holding(), told(kept, workspace)));
      plan.removed()
          .forEach(holding ->
              reasons.put(holding, "nobody needs it; it goes when layers are tidied up next"));
      reasons.entrySet().stream()
          .sorted(
              Comparator.comparing((Map.Entry<Holding, String> entry) -> entry.getKey().sizeBytes())
                  .reversed()
                  .thenComparing(entry -> entry.getKey().id()))
          .forEach(entry -> lines.add(line(entry.getKey(), entry.getValue())));
    }
    return lines;
  }

  private static String told(RetentionPlan.Kept kept, WorkspaceId workspace) {
    boolean others = kept.need().filter(need -> !need.workspace().equals(workspace)).isPresent();
    return others ? "another workspace needs it" : kept.reason();
  }

  private static String line(Holding holding, String reason) {
    return "%10s  %-5s  %s  %s"
        .formatted(
            size(holding.sizeBytes()),
            holding.kind().name().toLowerCase(Locale.ROOT),
            holding.id(),
            reason);
  }

  private static String size(long bytes) {
    double mib = bytes / (double) (1 << MIB_SHIFT);
    return mib < 1024
        ? String.format(Locale.ROOT, "%.1f MiB", mib)
        : String.format(Locale.ROOT, "%.1f GiB", mib / 1024);
  }
}
