package dev.slipway.launcher.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/// How many inputs were accepted and finished, and how long they took.
public final class Tally {
  /// Steps of a tenth of a millisecond up to a minute: what takes longer counts as that long.
  private static final long STEP_NANOS = 100_000;

  private static final int STEPS = 600_000;

  private final LongAdder accepted = new LongAdder();
  private final LongAdder finished = new LongAdder();
  private final AtomicIntegerArray latencies = new AtomicIntegerArray(STEPS);

  void accepted(int inputs) {
    accepted.add(inputs);
  }

  void finished(long nanos) {
    finished.increment();
    latencies.incrementAndGet((int) Math.min(nanos / STEP_NANOS, STEPS - 1));
  }

  public long accepted() {
    return accepted.sum();
  }

  public long finished() {
    return finished.sum();
  }

  /// Milliseconds that so many percent of the inputs took at most.
  public double percentile(double percent) {
    List<Integer> counts = new ArrayList<>(STEPS);
    long total = 0;
    for (int i = 0; i < STEPS; i++) {
      counts.add(latencies.get(i));
      total += latencies.get(i);
    }
    long rank = Math.max(1, (long) Math.ceil(percent / 100 * total));
    long seen = 0;
    for (int i = 0; i < STEPS; i++) {
      seen += counts.get(i);
      if (seen >= rank) {
        return (i + 1) * (STEP_NANOS / 1e6);
      }
    }
    throw new IllegalStateException("nothing was measured");
  }
}
