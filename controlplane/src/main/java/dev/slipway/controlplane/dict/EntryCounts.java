package dev.slipway.controlplane.dict;

import dev.slipway.model.DictId;
import dev.slipway.model.Digest;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/// Keeps dicts from having too many entries. Counting them is dear when there are many, so it
/// happens only when there could be too many.
///
/// Used inside the transactions of dicts only, and so by one thread.
final class EntryCounts {
  private static final int MAX_KNOWN = 10_000;

  private final DictStore store;
  private final int most;

  /// What a dict has at most: what was counted last, and those that were set since.
  private final Map<DictId, Integer> atMost = new HashMap<>();

  /// @param most entries that a dict may have
  EntryCounts(DictStore store, int most) {
    this.store = store;
    this.most = most;
  }

  int most() {
    return most;
  }

  /// Whether the dict may have these keys, too.
  boolean admits(Handle handle, DictId dict, Collection<Digest> keys, Instant oldest) {
    int known = atMost.getOrDefault(dict, most);
    if (known + keys.size() > most) {
      known = store.count(handle, dict, most, oldest);
      if (known + keys.size() > most) {
        int missing = keys.size() - store.countThere(handle, dict, keys);
        if (missing > 0 && known + missing > most) {
          return false;
        }
        // Nearly full: counted again the next time.
        known = most - keys.size();
      }
    }
    if (atMost.size() >= MAX_KNOWN) {
      atMost.clear();
    }
    atMost.put(dict, known + keys.size());
    return true;
  }
}
