package dev.slipway.controlplane.call;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// When each step of an input happened; null until it has. The one record that benchmarks and the
/// dashboard read. Written by whoever takes the step, read at any time.
public final class Timeline {
  private volatile @Nullable Instant accepted;
  private volatile @Nullable Instant queued;
  private volatile @Nullable Instant fetched;
  private volatile @Nullable Instant outputPut;
  private volatile @Nullable Instant delivered;

  /// The steps, in order of time.
  ///
  /// @param accepted the request arrived
  /// @param queued it is durable and waits for a container
  /// @param fetched a container took it
  /// @param outputPut the container handed its output in
  /// @param delivered the caller got the output
  public record Steps(
      @Nullable Instant accepted,
      @Nullable Instant queued,
      @Nullable Instant fetched,
      @Nullable Instant outputPut,
      @Nullable Instant delivered) {}

  public Steps steps() {
    return new Steps(accepted, queued, fetched, outputPut, delivered);
  }

  void accepted(Instant at) {
    accepted = at;
  }

  void queued(Instant at) {
    queued = at;
  }

  void fetched(Instant at) {
    fetched = at;
  }

  void outputPut(Instant at) {
    outputPut = at;
  }

  void delivered(Instant at) {
    delivered = at;
  }
}
