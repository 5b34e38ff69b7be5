package dev.slipway.scheduling;

import static dev.slipway.scheduling.Situations.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.Resources;
import dev.slipway.model.TaskId;
import dev.slipway.scheduling.ContainerSnapshot.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// What holds for every decision on who gets room, in whatever situation.
class AdmissionPropertiesTest {
  private record World(List<WorkerSnapshot> workers, List<Claim> claims, List<Tenant> tenants) {
    Admissions decide() {
      return new Admission().decide(workers, claims, tenants, NOW);
    }

    Claim claim(FunctionId function) {
      return claims.stream().filter(c -> c.function().equals(function)).findFirst().orElseThrow();
    }
  }

  @Provide
  Arbitrary<World> worlds() {
    return Arbitraries.randomValue(AdmissionPropertiesTest::world);
  }

  /// Up to three workers, on which containers of up to four functions have their place, and up to
  /// four functions that want some, whether they have any or not.
  private static World world(Random random) {
    Map<String, WorkerSnapshot> workers = new HashMap<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      int cores = 1 + random.nextInt(8);
      long memory = 1_024L * (1 + random.nextInt(16));
      String id = "w" + i;
      long disk = 1_024L * random.nextInt(8);
      workers.put(
          id, new WorkerSnapshot(id, cores * 1_000, memory, disk, cores * 1_000, memory, disk));
    }
    List<Tenant> tenants = new ArrayList<>();
    Map<Integer, Integer> has = new HashMap<>();
    for (int number = 0; number < random.nextInt(5); number++) {
      tenants.add(tenant(random, number, workers, has));
    }
    List<Claim> claims = new ArrayList<>();
    for (int number = 0; number < 4; number++) {
      if (random.nextBoolean()) {
        boolean waits = random.nextBoolean();
        claims.add(
            new Claim(
                new FunctionId("fu-" + number),
                new AppId("ap-" + number / 2),
                needs(random),
                1 + random.nextInt(5),
                has.getOrDefault(number, 0),
                waits,
                waits && random.nextBoolean(),
                NOW.minus(Duration.ofMillis(random.nextInt(15_000)))));
      }
    }
    return new World(List.copyOf(workers.values()), claims, tenants);
  }

  private static Tenant tenant(
      Random random, int number, Map<String, WorkerSnapshot> workers, Map<Integer, Integer> has) {
    List<Tenant.Place> places = new ArrayList<>();
    Resources needs = needs(random);
    for (int i = 0; i < random.nextInt(4); i++) {
      for (WorkerSnapshot worker : List.copyOf(workers.values())) {
        if (worker.hasRoomFor(needs) && random.nextBoolean()) {
          Phase phase = Phase.values()[random.nextInt(Phase.values().length)];
          places.add(
              new Tenant.Place(
                  new ContainerSnapshot(
                      new TaskId("ta-%d%s%d".formatted(number, worker.workerId(), i)),
                      phase,
                      phase == Phase.READY ? random.nextInt(2) : 0,
                      NOW.minusSeconds(random.nextInt(60))),
                  worker.workerId(),
                  needs));
          workers.put(worker.workerId(), worker.without(needs));
          if (phase != Phase.LEAVING) {
            has.merge(number, 1, Integer::sum);
          }
        }
      }
    }
    return new Tenant(
        new FunctionId("fu-" + number),
        new AppId("ap-" + number / 2),
        random.nextInt(2),
        random.nextBoolean(),
        places);
  }

  private static Resources needs(Random random) {
    int disk = random.nextBoolean() ? 0 : 512 * random.nextInt(8);
    return new Resources(
        125 * (1 + random.nextInt(12)), 0, 256 * (1 + random.nextInt(12)), 0, disk);
  }

  private static Map<String, WorkerSnapshot> after(World world, Admissions admissions) {
    Map<String, WorkerSnapshot> after = new HashMap<>();
    world.workers().forEach(worker -> after.put(worker.workerId(), worker));
    for (Admissions.Grant grant : admissions.grants()) {
      after.computeIfPresent(
          grant.workerId(),
          (id, worker) -> worker.without(world.claim(grant.function()).resources()));
    }
    return after;
  }

  @Property
  void noMoreIsPromisedThanMayBe(@ForAll("worlds") World world) {
    after(world, world.decide())
        .forEach((id, worker) -> {
          assertThat(worker.freeMilliCpu())
              .isGreaterThanOrEqualTo(-(Placement.MOST_PROMISED_CPU - 1) * worker.milliCpu());
          assertThat(worker.freeMemoryMib())
              .isGreaterThanOrEqualTo(
                  -worker.memoryMib() * (Placement.MOST_PROMISED_MEMORY_PERCENT - 100) / 100);
          assertThat(worker.freeDiskMib()).as("disk is promised once").isNotNegative();
        });
  }

  @Property
  void memoryIsSharedForThoseOnlyWhomOthersWaitFor(@ForAll("worlds") World world) {
    boolean waitedFor =
        world.claims().stream()
            .anyMatch(c -> c.fromInside() && c.starvesFor(Admission.CROWD_AFTER, NOW));
    if (!waitedFor) {
      assertThat(after(world, world.decide()).values())
          .allMatch(worker -> worker.freeMemoryMib() >= 0);
    }
  }

  @Property
  void nobodyIsGivenMoreThanWanted(@ForAll("worlds") World world) {
    Admissions admissions = world.decide();
    for (Claim claim : world.claims()) {
      long granted =
          admissions.grants().stream().filter(g -> g.function().equals(claim.function())).count();
      assertThat(granted).isLessThanOrEqualTo(claim.wanted());
    }
  }

  @Property
  void whoeverGetsLessThanWantedIsToldWhy(@ForAll("worlds") World world) {
    Admissions admissions = world.decide();
    for (Claim claim : world.claims()) {
      long granted =
          admissions.grants().stream().filter(g -> g.function().equals(claim.function())).count();
      if (granted < claim.wanted()) {
        assertThat(admissions.waits().get(claim.function())).isNotBlank();
      }
    }
  }

  @Property
  void onlyContainersWithNothingToDoAreStoppedForOthers(@ForAll("worlds") World world) {
    List<TaskId> evicted = world.decide().evict();
    for (Tenant tenant : world.tenants()) {
      for (Tenant.Place place : tenant.places()) {
        if (evicted.contains(place.container().task())) {
          assertThat(place.container().phase()).isEqualTo(Phase.READY);
          assertThat(place.container().runningInputs()).isZero();
        }
      }
    }
  }

  @Property
  void noFunctionFallsBelowWhatItMustKeep(@ForAll("worlds") World world) {
    Admissions admissions = world.decide();
    for (Tenant tenant : world.tenants()) {
      List<TaskId> counted =
          tenant.places().stream()
              .map(Tenant.Place::container)
              .filter(ContainerSnapshot::counts)
              .map(ContainerSnapshot::task)
              .toList();
      long left =
          counted.stream()
              .filter(
                  task -> !admissions.evict().contains(task) && !admissions.retire().contains(task))
              .count();
      assertThat(left).isGreaterThanOrEqualTo(Math.min(counted.size(), tenant.keeps()));
    }
  }

  @Property
  void whoeverIsAloneGetsTheRoomThereIs(@ForAll("worlds") World world) {
    for (Claim claim : world.claims()) {
      World alone = new World(world.workers(), List.of(claim), world.tenants());
      boolean fits =
          world.workers().stream().anyMatch(worker -> worker.hasRoomFor(claim.resources()));
      if (fits) {
        assertThat(alone.decide().grants()).isNotEmpty();
      }
    }
  }
}
