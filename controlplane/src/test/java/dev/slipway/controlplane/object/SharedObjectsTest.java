package dev.slipway.controlplane.object;

import static dev.slipway.controlplane.object.ObjectFixture.DEV;
import static dev.slipway.controlplane.object.ObjectFixture.OURS;
import static dev.slipway.controlplane.object.ObjectFixture.THEIRS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names, heartbeats and deletion.
@Tag("integration")
class SharedObjectsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private final ObjectFixture fixture = new ObjectFixture(FIXTURE.database().jdbi());
  private final SharedObjects objects = fixture.objects();

  @Test
  void isMadeOnceAndThenFoundByItsName() {
    SharedObjects.Obtained made = objects.obtain(OURS, ObjectKind.DICT, "d", Creation.IF_MISSING);
    SharedObjects.Obtained found = objects.obtain(OURS, ObjectKind.DICT, "d", Creation.IF_MISSING);
    assertThat(made.made()).isTrue();
    assertThat(found.made()).isFalse();
    assertThat(found.object()).isEqualTo(made.object());
    assertThat(objects.obtain(OURS, ObjectKind.DICT, "d", Creation.LOOK_UP).object())
        .isEqualTo(made.object());
    assertThat(made.object().id()).matches("di-[0-9A-Za-z]{22}");
    assertThat(made.object().createdBy()).isEqualTo("ann");
    assertThat(
            fixture
                .reopened(FIXTURE.database().jdbi())
                .require(OURS.workspace(), ObjectKind.DICT, made.object().id()))
        .isEqualTo(made.object());
  }

  @Test
  void everybodyWhoAsksAtOnceGetsTheSame() throws InterruptedException {
    Set<String> ids = ConcurrentHashMap.newKeySet();
    List<Thread> threads =
        java.util.stream.IntStream.range(0, 20)
            .mapToObj(n ->
                Thread.startVirtualThread(() ->
                    ids.add(
                        objects
                            .obtain(OURS, ObjectKind.QUEUE, "one", Creation.IF_MISSING)
                            .object()
                            .id())))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(ids).hasSize(1);
  }

  @Test
  void namesAreFreeInOtherEnvironmentsAndForOtherKinds() {
    String id = fixture.make(ObjectKind.DICT, "same");
    assertThat(objects.obtain(DEV, ObjectKind.DICT, "same", Creation.NEW).object().id())
        .isNotEqualTo(id);
    assertThat(objects.obtain(OURS, ObjectKind.QUEUE, "same", Creation.NEW).object().id())
        .startsWith("qu-");
    assertKind(
        ErrorKind.EXISTS,
        () -> objects.obtain(OURS, ObjectKind.DICT, "same", Creation.NEW),
        "'same'",
        "'main'");
  }

  @Test
  void whatIsMissingOrSomebodyElsesIsNotFound() {
    String id = fixture.make(ObjectKind.DICT, "d");
    assertKind(
        ErrorKind.NOT_FOUND,
        () -> objects.obtain(DEV, ObjectKind.DICT, "d", Creation.LOOK_UP),
        "dict 'd'",
        "'dev'");
    assertKind(
        ErrorKind.NOT_FOUND, () -> objects.require(THEIRS.workspace(), ObjectKind.DICT, id), id);
    assertKind(
        ErrorKind.NOT_FOUND, () -> objects.require(OURS.workspace(), ObjectKind.QUEUE, id), id);
    assertKind(
        ErrorKind.NOT_FOUND, () -> objects.delete(THEIRS.workspace(), ObjectKind.DICT, id), id);
    assertThat(objects.require(OURS.workspace(), ObjectKind.DICT, id).id()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a/b", "ap-0123456789012345678901"})
  void refusesNamesThatNothingMayHave(String name) {
    assertKind(
        ErrorKind.INVALID,
        () -> objects.obtain(OURS, ObjectKind.DICT, name, Creation.IF_MISSING),
        "'" + name + "'");
  }

  @Test
  void refusesLongNamesAndNamesForEphemeralObjects() {
    assertKind(
        ErrorKind.INVALID,
        () -> objects.obtain(OURS, ObjectKind.DICT, "x".repeat(65), Creation.NEW),
        "xxx");
    assertKind(
        ErrorKind.INVALID,
        () -> objects.obtain(OURS, ObjectKind.DICT, "named", Creation.EPHEMERAL),
        "'named'");
  }

  @Test
  void listsNewestFirstWithoutEphemeralOnesPageByPage() {
    for (String name : List.of("a", "b", "c")) {
      fixture.make(ObjectKind.DICT, name);
      fixture.pass(Duration.ofSeconds(1));
    }
    fixture.makeEphemeral(ObjectKind.DICT);
    fixture.make(ObjectKind.QUEUE, "q");
    List<SharedObject> page =
        objects.list(OURS.environment(), ObjectKind.DICT, Instant.parse("2100-01-01T00:00:00Z"), 2);
    assertThat(page).extracting(one -> one.name().orElse("")).containsExactly("c", "b");
    assertThat(objects.list(OURS.environment(), ObjectKind.DICT, page.getLast().createdAt(), 2))
        .extracting(one -> one.name().orElse(""))
        .containsExactly("a");
  }

  @Test
  void anEphemeralObjectLivesForAsLongAsHeartbeatsCome() {
    String id = fixture.makeEphemeral(ObjectKind.DICT);
    String named = fixture.make(ObjectKind.DICT, "named");
    for (int beat = 0; beat < 5; beat++) {
      fixture.pass(ObjectFixture.ALLOWED_SILENCE.minusSeconds(1));
      assertThat(objects.deleteSilent(ObjectKind.DICT)).isEmpty();
      objects.heartbeat(OURS.workspace(), ObjectKind.DICT, id);
      objects.heartbeat(OURS.workspace(), ObjectKind.DICT, named);
    }
    fixture.pass(ObjectFixture.ALLOWED_SILENCE.plusSeconds(1));
    assertThat(objects.deleteSilent(ObjectKind.QUEUE)).isEmpty();
    assertThat(objects.deleteSilent(ObjectKind.DICT)).containsExactly(id);
    assertKind(
        ErrorKind.NOT_FOUND, () -> objects.heartbeat(OURS.workspace(), ObjectKind.DICT, id), id);
    objects.require(OURS.workspace(), ObjectKind.DICT, named);
  }

  @Test
  void aServerThatWasAwayDoesNotCountTheHeartbeatsThatItMissed() {
    fixture.makeEphemeral(ObjectKind.QUEUE);
    fixture.pass(Duration.ofHours(5));
    SharedObjects reopened = fixture.reopened(FIXTURE.database().jdbi());
    assertThat(reopened.deleteSilent(ObjectKind.QUEUE)).isEmpty();
    fixture.pass(ObjectFixture.ALLOWED_SILENCE.plusSeconds(1));
    assertThat(reopened.deleteSilent(ObjectKind.QUEUE)).hasSize(1);
  }

  @Test
  void deletionFreesTheNameAndTheIdIsGone() {
    String id = fixture.make(ObjectKind.DICT, "d");
    objects.require(OURS.workspace(), ObjectKind.DICT, id);
    objects.delete(OURS.workspace(), ObjectKind.DICT, id);
    assertKind(
        ErrorKind.NOT_FOUND, () -> objects.require(OURS.workspace(), ObjectKind.DICT, id), id);
    assertThat(fixture.make(ObjectKind.DICT, "d")).isNotEqualTo(id);
  }

  @Test
  void anEnvironmentTakesItsObjectsWithIt() {
    String ours = fixture.make(ObjectKind.DICT, "d");
    String dev = objects.obtain(DEV, ObjectKind.DICT, "d", Creation.NEW).object().id();
    assertThat(objects.deleteAll(DEV.environment(), ObjectKind.DICT)).containsExactly(dev);
    objects.require(OURS.workspace(), ObjectKind.DICT, ours);
  }

  private static void assertKind(ErrorKind kind, Runnable action, String... parts) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(kind);
              assertThat(e.getMessage()).contains(parts);
            });
  }
}
