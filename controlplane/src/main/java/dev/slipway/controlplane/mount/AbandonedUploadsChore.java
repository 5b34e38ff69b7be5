package dev.slipway.controlplane.mount;

import java.time.Clock;
import java.time.Duration;

/// Forgets files that were sent and never became part of a mount. Their bytes go when nothing else
/// uses them.
public final class AbandonedUploadsChore implements Runnable {
  /// How long a file waits for its mount.
  public static final Duration KEEP = Duration.ofDays(7);

  private final Mounts mounts;
  private final Clock clock;

  public AbandonedUploadsChore(Mounts mounts, Clock clock) {
    this.mounts = mounts;
    this.clock = clock;
  }

  @Override
  public void run() {
    mounts.forgetUploadsBefore(clock.instant().minus(KEEP));
  }
}
