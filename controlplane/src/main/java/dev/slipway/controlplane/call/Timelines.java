package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/// The timelines of the latest inputs, for benchmarks and for looking into a slow call.
public final class Timelines {
  /// How many inputs are remembered.
  static final int MAX_REMEMBERED = 20_000;

  /// The timeline of one input.
  public record Entry(CallId call, int index, Timeline.Steps steps) {}

  private record Key(CallId call, int index) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, Timeline> latest =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Timeline> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  Timeline begin(CallId call, int index) {
    Timeline timeline = new Timeline();
    lock.lock();
    try {
      latest.put(new Key(call, index), timeline);
    } finally {
      lock.unlock();
    }
    return timeline;
  }

  /// The remembered timelines of one call, in order of index.
  public List<Entry> listOf(CallId call) {
    List<Entry> found = new ArrayList<>();
    lock.lock();
    try {
      latest.forEach((key, timeline) -> {
        if (key.call().equals(call)) {
          found.add(new Entry(key.call(), key.index(), timeline.steps()));
        }
      });
    } finally {
      lock.unlock();
    }
    found.sort(java.util.Comparator.comparingInt(Entry::index));
    return found;
  }
}
