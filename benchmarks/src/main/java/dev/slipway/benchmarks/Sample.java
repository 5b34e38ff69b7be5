package dev.slipway.benchmarks;

import java.util.List;

/// Measured durations in milliseconds, smallest first.
///
/// @param milliseconds at least one
record Sample(List<Double> milliseconds) {
  Sample {
    if (milliseconds.isEmpty()) {
      throw new IllegalArgumentException("nothing was measured");
    }
    milliseconds = milliseconds.stream().sorted().toList();
  }

  int size() {
    return milliseconds.size();
  }

  /// The smallest value that at least `percent` percent of all do not exceed.
  double percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100.0 * milliseconds.size());
    return milliseconds.get(Math.clamp(rank - 1, 0, milliseconds.size() - 1));
  }
}
