package dev.slipway.controlplane.dict;

import static dev.slipway.controlplane.object.ObjectFixture.OURS;
import static dev.slipway.controlplane.object.ObjectFixture.THEIRS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.object.ObjectFixture;
import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.rpc.TooLarge;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.controlplane.storage.SharedTransactions;
import dev.slipway.model.DictId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What a dict remembers, and for how long.
@Tag("integration")
class DictsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private final ObjectFixture fixture = new ObjectFixture(FIXTURE.database().jdbi());
  private final SharedTransactions transactions =
      new SharedTransactions(FIXTURE.database(), "dict-transactions");
  private final Dicts dicts = open();
  private final DictId dict = new DictId(fixture.make(ObjectKind.DICT, "d"));

  private Dicts open() {
    return new Dicts(
        fixture.objects(), new DictStore(FIXTURE.database().jdbi()), transactions, fixture.clock());
  }

  @AfterEach
  void close() {
    transactions.close();
  }

  @Test
  void setsGetsReplacesAndPops() {
    assertThat(get("k")).isEmpty();
    assertThat(put("k", "1")).isTrue();
    assertThat(put("k", "2")).isTrue();
    assertThat(get("k")).contains("2");
    assertThat(dicts.contains(OURS.workspace(), dict, bytes("k"))).isTrue();
    assertThat(pop("k")).contains("2");
    assertThat(pop("k")).isEmpty();
    assertThat(dicts.contains(OURS.workspace(), dict, bytes("k"))).isFalse();
  }

  @Test
  void aFullDictTakesNoFurtherKeyUntilOneIsGone() {
    Dicts small =
        new Dicts(
            fixture.objects(),
            new DictStore(FIXTURE.database().jdbi()),
            transactions,
            fixture.clock(),
            2);
    List<Entry> ab = List.of(new Entry(bytes("a"), bytes("1")), new Entry(bytes("b"), bytes("1")));
    assertThat(small.update(OURS.workspace(), dict, ab, false)).isTrue();
    assertThat(small.update(OURS.workspace(), dict, ab, false)).as("the same keys").isTrue();
    List<Entry> c = List.of(new Entry(bytes("c"), bytes("1")));
    assertThatThrownBy(() -> small.update(OURS.workspace(), dict, c, false))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.EXHAUSTED))
        .hasMessage("the dict has no room for 1 more entries; it holds 2 at most");
    assertThat(get("c")).isEmpty();
    assertThat(pop("a")).contains("1");
    assertThat(small.update(OURS.workspace(), dict, c, false)).isTrue();
  }

  @Test
  void leavesKeysAloneThatAreThereWhenAskedTo() {
    assertThat(putIfMissing("k", "first")).isTrue();
    assertThat(putIfMissing("k", "second")).isFalse();
    assertThat(get("k")).contains("first");
  }

  @Test
  void ofManyWhoSetAMissingKeyAtOnceOneSucceeds() throws InterruptedException {
    AtomicInteger succeeded = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, 50)
            .mapToObj(n ->
                Thread.startVirtualThread(() -> {
                  if (putIfMissing("lock", Integer.toString(n))) {
                    succeeded.incrementAndGet();
                  }
                }))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(succeeded).hasValue(1);
  }

  @Test
  void ofManyWhoPopAKeyAtOnceOneGetsIt() throws InterruptedException {
    put("k", "v");
    AtomicInteger got = new AtomicInteger();
    List<Thread> threads =
        IntStream.range(0, 50)
            .mapToObj(n ->
                Thread.startVirtualThread(() -> pop("k").ifPresent(v -> got.incrementAndGet())))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(got).hasValue(1);
  }

  @Test
  void anUpdateWithAKeyTwiceIsReadAsAProgramWould() {
    dicts.update(
        OURS.workspace(), dict, List.of(entry("k", "1"), entry("o", "x"), entry("k", "2")), false);
    assertThat(get("k")).contains("2");
    dicts.update(OURS.workspace(), dict, List.of(entry("n", "1"), entry("n", "2")), true);
    assertThat(get("n")).contains("1");
    assertThat(dicts.length(OURS.workspace(), dict)).isEqualTo(3);
  }

  @Test
  void goesThroughAllEntriesOnceHoweverLargeTheyAre() throws InterruptedException {
    List<Entry> entries = new ArrayList<>();
    IntStream.range(0, 1_200).forEach(n -> entries.add(entry("k" + n, "v" + n)));
    entries.add(new Entry(bytes("large"), new byte[9 << 20]));
    entries.add(new Entry(bytes("large too"), new byte[5 << 20]));
    dicts.update(OURS.workspace(), dict, entries, false);

    List<String> keys = new ArrayList<>();
    AtomicInteger size = new AtomicInteger();
    dicts.visit(
        OURS.workspace(),
        dict,
        true,
        entry -> {
          keys.add(text(entry.key()));
          size.addAndGet(entry.value().length);
        });
    assertThat(keys)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(
            entries.stream().map(entry -> text(entry.key())).toList());
    assertThat(size.get()).isGreaterThan(14 << 20);
    List<String> keysAlone = new ArrayList<>();
    dicts.visit(
        OURS.workspace(),
        dict,
        false,
        entry -> {
          keysAlone.add(text(entry.key()));
          assertThat(entry.value()).isEmpty();
        });
    assertThat(keysAlone).containsExactlyInAnyOrderElementsOf(keys);
  }

  @Test
  void largeValuesComeBackAsTheyWere() {
    byte[] large = new byte[50 << 20];
    new Random(1).nextBytes(large);
    dicts.update(OURS.workspace(), dict, List.of(new Entry(bytes("k"), large)), false);
    assertThat(dicts.find(OURS.workspace(), dict, bytes("k")).orElseThrow()).isEqualTo(large);
  }

  @Test
  void clearsAndForgetsWithTheDict() {
    put("k", "v");
    dicts.clear(OURS.workspace(), dict);
    assertThat(dicts.length(OURS.workspace(), dict)).isZero();
    put("k", "v");
    dicts.delete(OURS.workspace(), dict);
    assertThat(rows()).isZero();
    assertKind(ErrorKind.NOT_FOUND, () -> put("k", "v"));
    assertKind(ErrorKind.NOT_FOUND, () -> get("k"));
  }

  @Test
  void aWriteThatMeetsADeletionSaysThatTheDictIsGone() {
    fixture.objects().require(OURS.workspace(), ObjectKind.DICT, dict.value());
    FIXTURE.database().jdbi().useHandle(handle -> handle.execute("delete from shared_object"));
    assertKind(ErrorKind.NOT_FOUND, () -> put("k", "v"));
    assertKind(ErrorKind.NOT_FOUND, () -> get("k"));
  }

  @Test
  void anEntryIsForgottenAWeekAfterItsLastUse() {
    put("read", "v");
    put("seen", "v");
    put("idle", "v");
    for (int day = 0; day < 10; day++) {
      fixture.pass(Duration.ofDays(1));
      assertThat(get("read")).contains("v");
      assertThat(dicts.contains(OURS.workspace(), dict, bytes("seen"))).isTrue();
      dicts.removeUnused();
    }
    assertThat(get("idle")).isEmpty();
    assertThat(rows()).isEqualTo(2);
    fixture.pass(Dicts.KEPT_FOR.minusSeconds(1));
    dicts.removeUnused();
    assertThat(get("read")).contains("v");
  }

  @Test
  void whatIsOverIsGoneBeforeItIsRemoved() throws InterruptedException {
    put("k", "old");
    fixture.pass(Dicts.KEPT_FOR.plus(Dicts.USE_GRANULARITY).plusSeconds(1));
    assertThat(get("k")).isEmpty();
    assertThat(dicts.contains(OURS.workspace(), dict, bytes("k"))).isFalse();
    assertThat(dicts.length(OURS.workspace(), dict)).isZero();
    dicts.visit(OURS.workspace(), dict, true, entry -> assertThat(text(entry.key())).isEmpty());
    assertThat(putIfMissing("k", "new")).isTrue();
    assertThat(get("k")).contains("new");
    fixture.pass(Dicts.KEPT_FOR.plus(Dicts.USE_GRANULARITY).plusSeconds(1));
    assertThat(pop("k")).isEmpty();
  }

  @Test
  void goingThroughADictCountsAsAUseOfItsEntries() throws InterruptedException {
    put("k", "v");
    for (int week = 0; week < 3; week++) {
      fixture.pass(Duration.ofDays(6));
      dicts.visit(OURS.workspace(), dict, false, entry -> {});
      // The use is written down after those who set values before.
      put("other", "v");
    }
    assertThat(get("k")).contains("v");
  }

  @Test
  void refusesWhatIsTooLargeInTheClientsWords() {
    byte[] key = new byte[Dicts.MAX_KEY_BYTES + 1];
    assertThatThrownBy(() -> dicts.find(OURS.workspace(), dict, key))
        .hasMessageContaining(Integer.toString(key.length))
        .hasMessageContaining(TooLarge.PHRASE);
    List<Entry> many =
        IntStream.rangeClosed(0, Dicts.MAX_UPDATE_ENTRIES)
            .mapToObj(n -> entry("k" + n, "v"))
            .toList();
    assertThatThrownBy(() -> dicts.update(OURS.workspace(), dict, many, false))
        .hasMessageContaining("10001")
        .hasMessageContaining(TooLarge.PHRASE);
    assertThat(dicts.length(OURS.workspace(), dict)).isZero();
    assertThat(
            dicts.update(OURS.workspace(), dict, many.subList(0, Dicts.MAX_UPDATE_ENTRIES), false))
        .isTrue();
    assertThat(dicts.length(OURS.workspace(), dict)).isEqualTo(Dicts.MAX_UPDATE_ENTRIES);
  }

  @Test
  void strangersSeeNothing() {
    put("k", "v");
    assertKind(ErrorKind.NOT_FOUND, () -> dicts.find(THEIRS.workspace(), dict, bytes("k")));
    assertKind(
        ErrorKind.NOT_FOUND,
        () -> dicts.update(THEIRS.workspace(), dict, List.of(entry("k", "v")), false));
    assertKind(ErrorKind.NOT_FOUND, () -> dicts.clear(THEIRS.workspace(), dict));
  }

  private boolean put(String key, String value) {
    return dicts.update(OURS.workspace(), dict, List.of(entry(key, value)), false);
  }

  private boolean putIfMissing(String key, String value) {
    return dicts.update(OURS.workspace(), dict, List.of(entry(key, value)), true);
  }

  private Optional<String> get(String key) {
    return dicts.find(OURS.workspace(), dict, bytes(key)).map(DictsTest::text);
  }

  private Optional<String> pop(String key) {
    return dicts.pop(OURS.workspace(), dict, bytes(key)).map(DictsTest::text);
  }

  private int rows() {
    return FIXTURE
        .database()
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(*) from dict_entry").mapTo(Integer.class).one());
  }

  private static void assertKind(ErrorKind kind, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private static Entry entry(String key, String value) {
    return new Entry(bytes(key), bytes(value));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
