package dev.slipway.controlplane.blob;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// Forgets blobs whose time is over. Their bytes go when nothing else uses them.
public final class ExpiredBlobsChore implements Runnable {
  /// How long a blob is kept: longer than the results of a call are, with which arguments and
  /// results travel.
  public static final Duration KEEP = Duration.ofDays(14);

  /// How long an announced blob may take to arrive: until its addresses have expired, and an upload
  /// that began just before has had time to end.
  static final Duration KEEP_UNFINISHED = BlobRpc.UPLOAD_VALIDITY.multipliedBy(2);

  private final Blobs blobs;
  private final Clock clock;

  public ExpiredBlobsChore(Blobs blobs, Clock clock) {
    this.blobs = blobs;
    this.clock = clock;
  }

  @Override
  public void run() {
    Instant now = clock.instant();
    blobs.forgetUnfinished(now.minus(KEEP_UNFINISHED));
    blobs.forgetCreatedBefore(now.minus(KEEP));
  }
}
