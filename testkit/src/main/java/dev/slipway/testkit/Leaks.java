package dev.slipway.testkit;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/// Tells what an installation has left behind on the machine since the watch began.
public final class Leaks {
  private final Path data;
  private final Footprint before;

  private Leaks(Path data, Footprint before) {
    this.data = data;
    this.before = before;
  }

  /// Begins a watch: what there is now does not count.
  public static Leaks watch(Path data) {
    return new Leaks(data.toAbsolutePath(), Footprint.of(data.toAbsolutePath()));
  }

  /// What is there now and was not when the watch began.
  public Footprint found() {
    return Footprint.of(data).since(before);
  }

  /// Throws an [AssertionError] that lists what is still there after `within`.
  public void assertNothingLeft(Duration within) {
    try {
      Awaitility.await()
          .atMost(within)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(200))
          .until(() -> found().isEmpty());
    } catch (ConditionTimeoutException late) {
      throw new AssertionError("left on the machine: " + found(), late);
    }
  }
}
