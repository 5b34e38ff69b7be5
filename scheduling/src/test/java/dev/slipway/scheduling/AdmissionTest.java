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
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final Duration LONG = Admission.PATIENCE;
  private static final Duration SHORT = Duration.ofMillis(10);

  private final List<Tenant> tenants = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();

  private static Resources needs(int milliCpu, int memoryMib) {
    return new Resources(milliCpu, 0, memoryMib, 0);
  }

  private static WorkerSnapshot worker(String id, int cores, int gib, int freeMilli, int freeMib) {
    return new WorkerSnapshot(id, cores * 1000, gib * 1024L, 0, freeMilli, freeMib, 0);
  }

  private static FunctionId function(String name) {
    return new FunctionId("fu-" + name);
  }

  private static AppId app(String name) {
    return new AppId("ap-" + name);
  }

  private void claim(String name, Resources resources, int wanted, int has, Duration waited) {
    claims.add(
        new Claim(
            function(name), app(name), resources, wanted, has, true, false, NOW.minus(waited)));
  }

  private void tenant(
      String name, Resources resources, int keeps, Phase phase, int running, int count) {
    tenants.add(
        new Tenant(
            function(name),
            app(name),
            keeps,
            false,
            IntStream.range(0, count)
                .mapToObj(n ->
                    new Tenant.Place(
                        new ContainerSnapshot(
                            new TaskId("ta-" + name + n), phase, running, NOW.minusSeconds(60 - n)),
                        "w1",
                        resources))
                .toList()));
  }

  private Admissions decide(WorkerSnapshot... workers) {
    return new Admission().decide(List.of(workers), claims, tenants, NOW);
  }

  private static List<String> granted(Admissions admissions) {
    return admissions.grants().stream()
        .map(grant -> grant.function().value().substring(3))
        .toList();
  }

  @Test
  void roomGoesToTheAppThatHoldsLeastAndThenToTheOldest() {
    claim("late", needs(500, 100), 10, 0, SHORT);
    claim("early", needs(500, 100), 10, 0, SHORT.plus(SHORT));
    Admissions admissions = decide(worker("w1", 2, 8, 2_000, 8_192));
    assertThat(granted(admissions)).containsExactly("early", "late", "early", "late");
    assertThat(admissions.waits().get(function("late")))
        .isEqualTo("needs 0.50 cores, 0 cores free; 8 containers ahead");
  }

  @Test
  void containersThatAreOnlyKeptReadyComeLast() {
    claims.add(
        new Claim(
            function("warm"), app("warm"), needs(1_000, 100), 1, 0, false, false, NOW.minus(LONG)));
    claim("work", needs(1_000, 100), 1, 0, SHORT);
    assertThat(granted(decide(worker("w1", 1, 8, 1_000, 8_192)))).containsExactly("work");
  }

  @Test
  void idleContainersOfOthersMakeRoomForInputsThatWait() {
    tenant("idle", needs(500, 100), 1, Phase.READY, 0, 3);
    claim("work", needs(1_000, 100), 1, 0, SHORT);
    Admissions admissions = decide(worker("w1", 2, 8, 500, 8_192));
    assertThat(admissions.evict()).containsExactly(new TaskId("ta-idle0"));
    assertThat(admissions.retire()).isEmpty();
    assertThat(admissions.waits().get(function("work")))
        .isEqualTo("needs 1 core, 0.50 cores free; idle containers of others leave for it");
  }

  @Test
  void whatMustBeKeptIsNotEvicted() {
    tenant("warm", needs(1_000, 100), 1, Phase.READY, 0, 1);
    claim("work", needs(500, 100), 1, 1, SHORT);
    assertThat(decide(worker("w1", 1, 8, 0, 8_192)).evict()).isEmpty();
  }

  @Test
  void roomThatComesFreeIsAwaitedInsteadOfMakingMore() {
    tenant("gone", needs(1_000, 100), 0, Phase.LEAVING, 0, 1);
    tenant("idle", needs(1_000, 100), 0, Phase.READY, 0, 1);
    claim("work", needs(1_000, 100), 1, 1, SHORT);
    Admissions admissions = decide(worker("w1", 2, 8, 0, 8_192));
    assertThat(admissions.evict()).isEmpty();
    assertThat(admissions.waits().get(function("work"))).contains("make room");
  }

  @Test
  void aFunctionWithoutAnyContainerSharesProcessorsAfterAWhileButNotMemory() {
    tenant("busy", needs(1_000, 4_096), 0, Phase.READY, 1, 2);
    claim("small", needs(1_000, 100), 3, 0, Admission.SQUEEZE_AFTER);
    claim("large", needs(1_000, 4_096), 3, 0, Admission.SQUEEZE_AFTER);
    Admissions admissions = decide(worker("w1", 2, 10, 0, 2_048));
    assertThat(granted(admissions)).containsExactly("small");
    assertThat(admissions.retire()).isEmpty();
    assertThat(admissions.lookAgainAt()).contains(NOW.minus(Admission.SQUEEZE_AFTER).plus(LONG));
  }

  @Test
  void aLargeContainerThatHasWaitedForLongIsNotStarvedBySmallOnes() {
    tenant("small", needs(125, 1_024), 0, Phase.READY, 1, 6);
    claim("small", needs(125, 1_024), 20, 6, SHORT);
    claim("large", needs(125, 4_096), 1, 0, LONG);
    Admissions admissions = decide(worker("w1", 8, 8, 7_000, 2_048));
    assertThat(granted(admissions)).isEmpty();
    assertThat(admissions.retire()).hasSize(2);
    assertThat(admissions.waits().get(function("large")))
        .startsWith("needs 4 GiB, 2 GiB free")
        .endsWith("leave for it when they are through");
    assertThat(admissions.waits().get(function("small"))).contains("1 container ahead");
  }

  @Test
  void anAppThatHoldsMuchGivesUpContainersUntilBothHoldTheSame() {
    tenant("greedy", needs(1_000, 100), 0, Phase.READY, 1, 7);
    tenant("modest", needs(1_000, 100), 0, Phase.READY, 1, 1);
    claim("modest", needs(1_000, 100), 9, 1, LONG);
    claim("greedy", needs(1_000, 100), 900, 7, LONG.plus(LONG));
    Admissions admissions = decide(worker("w1", 8, 8, 0, 7_000));
    assertThat(admissions.retire()).hasSize(3);
    assertThat(admissions.retire()).allMatch(task -> task.value().startsWith("ta-greedy"));
  }

  @Test
  void theFirstContainerOfAFunctionGetsItsTurnEvenFromTheOnlyOneOfAnother() {
    tenant("holder", needs(125, 8_000), 0, Phase.READY, 1, 1);
    claim("other", needs(125, 8_000), 1, 0, LONG);
    assertThat(decide(worker("w1", 2, 8, 1_875, 192)).retire())
        .containsExactly(new TaskId("ta-holder0"));
  }

  private void claimFromInside(String name, Resources resources, int wanted, Duration waited) {
    claims.add(
        new Claim(
            function(name), app("outer"), resources, wanted, 0, true, true, NOW.minus(waited)));
  }

  @Test
  void thoseThatFillTheMemoryAndWaitForAnotherMakeItsFirstContainerShareIt() {
    tenant("outer", needs(125, 2_048), 0, Phase.READY, 1, 4);
    claimFromInside("inner", needs(125, 2_048), 3, Admission.CROWD_AFTER);
    Admissions admissions = decide(worker("w1", 8, 8, 7_500, 0));
    assertThat(granted(admissions)).containsExactly("inner");
    assertThat(admissions.grants().getFirst().reason())
        .isEqualTo(
            "on worker w1, which had 7.50 cores and 0 MiB free, whose memory it shares with those"
                + " that wait for it");
  }

  @Test
  void memoryIsNotSharedBeforeItsTimeNorBeyondHalfAsMuchAgainNorForCallsFromOutside() {
    tenant("outer", needs(125, 2_048), 0, Phase.READY, 1, 4);
    Duration early = Admission.CROWD_AFTER.minusMillis(1);
    claimFromInside("early", needs(125, 2_048), 1, early);
    claimFromInside("large", needs(125, 4_097), 1, Admission.CROWD_AFTER);
    claim("outside", needs(125, 2_048), 1, 0, Admission.CROWD_AFTER);
    Admissions admissions = decide(worker("w1", 8, 8, 7_500, 0));
    assertThat(admissions.grants()).isEmpty();
    assertThat(admissions.lookAgainAt()).contains(NOW.plusMillis(1));
  }

  @Test
  void whatNoWorkerCanEverHoldIsSaidClearlyAndBlocksNobody() {
    claim("huge", needs(64_000, 65_536), 1, 0, LONG);
    claim("small", needs(125, 128), 1, 0, SHORT);
    Admissions admissions = decide(worker("w1", 2, 8, 2_000, 8_192));
    assertThat(admissions.impossible()).containsExactly(function("huge"));
    assertThat(admissions.waits().get(function("huge")))
        .isEqualTo(
            "needs 64 cores and 64 GiB; no attached worker can ever run it, the largest has"
                + " 2 cores and 8 GiB");
    assertThat(granted(admissions)).containsExactly("small");
  }

  @Test
  void withoutWorkersEverythingWaitsAndNothingIsCalledImpossible() {
    claim("any", needs(125, 128), 1, 0, LONG);
    Admissions admissions = decide();
    assertThat(admissions.waits()).containsEntry(function("any"), "no worker is attached");
    assertThat(admissions.impossible()).isEmpty();
  }

  @Test
  void aLargeContainerThatCanNeverFitBesideWhatIsKeptHoldsNobodyUp() {
    tenant("warm", needs(125, 6_000), 1, Phase.READY, 0, 1);
    claim("large", needs(125, 4_096), 1, 0, LONG);
    claim("small", needs(125, 1_024), 1, 0, SHORT);
    assertThat(granted(decide(worker("w1", 2, 8, 1_875, 2_192)))).containsExactly("small");
  }

  @Test
  void diskOfTheirOwnIsPromisedOnceAndWhoWaitsForSomeIsToldSo() {
    Resources needs = new Resources(125, 0, 128, 0, 6 * 1024);
    claim("first", needs, 1, 0, LONG.plus(SHORT));
    claim("second", needs, 1, 0, LONG);
    claim("plain", needs(125, 128), 1, 0, SHORT);
    Admissions admissions =
        decide(new WorkerSnapshot("w1", 8_000, 8_192, 10 * 1024, 8_000, 8_192, 10 * 1024));
    assertThat(granted(admissions)).containsExactly("first", "plain");
    assertThat(admissions.waits().get(function("second")))
        .startsWith("needs 6 GiB of disk, 4 GiB free");
  }

  @Test
  void moreDiskThanAnyWorkerHasIsImpossible() {
    claim("huge", new Resources(1_000, 0, 512, 0, 3 << 20), 1, 0, SHORT);
    Admissions admissions =
        decide(
            new WorkerSnapshot("w1", 2_000, 4_096, 60 * 1024, 0, 0, 0),
            new WorkerSnapshot("w2", 1_000, 2_048, 90 * 1024, 0, 0, 0));
    assertThat(admissions.impossible()).containsExactly(function("huge"));
    assertThat(admissions.waits().get(function("huge")))
        .isEqualTo(
            "needs 1 core, 512 MiB and 3072 GiB of disk; no attached worker can ever run it, the largest has 2 cores, 4 GiB and 90 GiB of disk");
  }
}
