package dev.slipway.controlplane.dict;

import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.rpc.TooLarge;
import dev.slipway.controlplane.storage.SharedTransactions;
import dev.slipway.model.DictId;
import dev.slipway.model.Digest;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rules of dicts. An entry is in the database before its update is acknowledged, and is
/// forgotten when it was neither read nor written for a week.
public final class Dicts {
  /// Entries of one update.
  public static final int MAX_UPDATE_ENTRIES = 10_000;

  /// Entries of one dict.
  public static final int MAX_ENTRIES = 1_000_000;

  /// Bytes of one key. Values are as large as a message can be.
  public static final int MAX_KEY_BYTES = 1 << 20;

  /// What the length of a dict is cut to, since counting is dear.
  public static final int MAX_LENGTH = 100_000;

  /// How long an entry lives after its last use.
  public static final Duration KEPT_FOR = Duration.ofDays(7);

  /// A use is written down when the one that was written down last is older than this.
  static final Duration USE_GRANULARITY = Duration.ofHours(6);

  /// Entries and bytes that are read at once on the way through a dict.
  static final int MAX_READ_ENTRIES = 500;

  static final long MAX_READ_BYTES = 4 << 20;

  /// Entries that are removed in one transaction.
  static final int REMOVED_AT_ONCE = 5_000;

  private static final Logger log = LoggerFactory.getLogger(Dicts.class);

  private final SharedObjects objects;
  private final DictStore store;
  private final SharedTransactions transactions;
  private final InstantSource clock;
  private final EntryCounts counts;

  public Dicts(
      SharedObjects objects,
      DictStore store,
      SharedTransactions transactions,
      InstantSource clock) {
    this(objects, store, transactions, clock, MAX_ENTRIES);
  }

  /// @param maxEntries of one dict
  Dicts(
      SharedObjects objects,
      DictStore store,
      SharedTransactions transactions,
      InstantSource clock,
      int maxEntries) {
    this.objects = objects;
    this.store = store;
    this.transactions = transactions;
    this.clock = clock;
    this.counts = new EntryCounts(store, maxEntries);
  }

  /// Takes entries one by one.
  @FunctionalInterface
  interface Visitor {
    void visit(Entry entry) throws InterruptedException;
  }

  /// Sets the values of keys, all or none.
  ///
  /// @param ifMissing leaves keys alone that are there
  /// @return whether any was set
  boolean update(WorkspaceId workspace, DictId dict, List<Entry> entries, boolean ifMissing) {
    require(workspace, dict);
    Map<Digest, Entry> byDigest = byDigest(entries, ifMissing);
    if (byDigest.isEmpty()) {
      return false;
    }
    OptionalInt set;
    try {
      set =
          transactions.run(handle ->
              counts.admits(handle, dict, byDigest.keySet(), oldest())
                  ? OptionalInt.of(
                      store.put(handle, dict, byDigest, !ifMissing, oldest(), clock.instant()))
                  : OptionalInt.empty());
    } catch (RuntimeException e) {
      throw objects.explain(e, ObjectKind.DICT, dict.value());
    }
    return set.orElseThrow(() ->
        new SlipwayException(
            ErrorKind.EXHAUSTED,
            "the dict has no room for %d more entries; it holds %d at most"
                .formatted(byDigest.size(), counts.most())))
        > 0;
  }

  /// The value of the key.
  Optional<byte[]> find(WorkspaceId workspace, DictId dict, byte[] key) {
    require(workspace, dict);
    Digest digest = digest(key);
    Optional<DictStore.Found> found = store.find(dict, digest, oldest());
    found.ifPresent(one -> used(dict, digest, one.usedAt()));
    return found.map(DictStore.Found::value);
  }

  boolean contains(WorkspaceId workspace, DictId dict, byte[] key) {
    require(workspace, dict);
    Digest digest = digest(key);
    Optional<Instant> usedAt = store.findUse(dict, digest, oldest());
    usedAt.ifPresent(at -> used(dict, digest, at));
    return usedAt.isPresent();
  }

  /// Removes the key. The value that it had.
  Optional<byte[]> pop(WorkspaceId workspace, DictId dict, byte[] key) {
    require(workspace, dict);
    Digest digest = digest(key);
    return transactions.run(handle -> store.remove(handle, dict, digest, oldest()));
  }

  /// The number of entries, up to [#MAX_LENGTH].
  int length(WorkspaceId workspace, DictId dict) {
    require(workspace, dict);
    return store.count(dict, MAX_LENGTH, oldest());
  }

  /// Goes through all entries. Those that are there from beginning to end are seen once; others may
  /// be seen or not.
  ///
  /// @param withValues false leaves the values empty
  void visit(WorkspaceId workspace, DictId dict, boolean withValues, Visitor visitor)
      throws InterruptedException {
    require(workspace, dict);
    byte[] digest = new byte[0];
    boolean stale = false;
    while (true) {
      List<DictStore.Visited> next =
          store.listBehind(dict, digest, MAX_READ_ENTRIES, MAX_READ_BYTES, withValues, oldest());
      if (next.isEmpty()) {
        break;
      }
      for (DictStore.Visited visited : next) {
        stale |= isStale(visited.usedAt());
        visitor.visit(visited.entry());
      }
      digest = next.getLast().digest();
    }
    if (stale) {
      Instant now = clock.instant();
      later(
          transactions.submit(
              handle -> store.saveUses(handle, dict, now.minus(USE_GRANULARITY), oldest(), now)));
    }
  }

  /// Removes all entries.
  void clear(WorkspaceId workspace, DictId dict) {
    require(workspace, dict);
    transactions.run(handle -> store.removeAll(handle, dict));
  }

  /// Deletes the dict and its entries.
  void delete(WorkspaceId workspace, DictId dict) {
    objects.delete(workspace, ObjectKind.DICT, dict.value());
  }

  /// Deletes the dicts of an environment.
  public void deleteAll(EnvironmentId environment) {
    objects.deleteAll(environment, ObjectKind.DICT);
  }

  /// Deletes ephemeral dicts whose heartbeats are missing.
  public void deleteSilent() {
    objects.deleteSilent(ObjectKind.DICT);
  }

  /// Removes entries that nobody used for too long.
  public void removeUnused() {
    int removed;
    do {
      removed = transactions.run(handle -> store.removeUnused(handle, oldest(), REMOVED_AT_ONCE));
    } while (removed == REMOVED_AT_ONCE);
  }

  private void require(WorkspaceId workspace, DictId dict) {
    objects.require(workspace, ObjectKind.DICT, dict.value());
  }

  private void used(DictId dict, Digest key, Instant usedAt) {
    if (isStale(usedAt)) {
      Instant now = clock.instant();
      later(transactions.submit(handle -> store.saveUse(handle, dict, key, now)));
    }
  }

  private boolean isStale(Instant usedAt) {
    return usedAt.isBefore(clock.instant().minus(USE_GRANULARITY));
  }

  /// Entries whose last use that was written down is older than this count as gone.
  private Instant oldest() {
    return clock.instant().minus(KEPT_FOR).minus(USE_GRANULARITY);
  }

  private static void later(CompletableFuture<Integer> write) {
    write.exceptionally(failure -> {
      log.warn("the use of an entry could not be written down: {}", failure.getMessage());
      return 0;
    });
  }

  /// As a dict in a program would: of several values for one key the last is set, or the first when
  /// keys that are there are left alone.
  private static Map<Digest, Entry> byDigest(List<Entry> entries, boolean ifMissing) {
    if (entries.size() > MAX_UPDATE_ENTRIES) {
      throw TooLarge.refusal(
          "%d entries are set at once; at most %d can be"
              .formatted(entries.size(), MAX_UPDATE_ENTRIES));
    }
    Map<Digest, Entry> byDigest = new LinkedHashMap<>();
    for (Entry entry : entries) {
      Digest digest = digest(entry.key());
      if (ifMissing) {
        byDigest.putIfAbsent(digest, entry);
      } else {
        byDigest.put(digest, entry);
      }
    }
    return byDigest;
  }

  private static Digest digest(byte[] key) {
    if (key.length > MAX_KEY_BYTES) {
      throw TooLarge.refusal(
          "a key of %d bytes is used; one has at most %d".formatted(key.length, MAX_KEY_BYTES));
    }
    return Digest.sha256(key);
  }
}
