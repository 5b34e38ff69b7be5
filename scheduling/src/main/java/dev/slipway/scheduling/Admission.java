package dev.slipway.scheduling;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Decides who gets the room that there is, when several functions want containers.
///
/// - Inputs that wait come before containers that are only to be kept ready.
/// - The app that holds least gets the next container; within an app the function that has least of
///   what it asks for, then the one that has waited longest.
/// - Containers with nothing to do give up their room to inputs that wait, never below their
///   function's `min_containers`.
/// - A function whose inputs have waited for long without any container has room kept for it, so
///   that small containers do not starve a large one, and containers that work are retired for it:
///   they are given no more inputs, and leave when they are through. The same happens for a
///   function whose app holds less than another, until both hold the same.
public final class Admission {
  /// A function that has had no container for so long gets one on a processor that is promised to
  /// others.
  static final Duration SQUEEZE_AFTER = Duration.ofSeconds(2);

  /// A function for whose results containers wait, and that has had no container for so long, gets
  /// one in memory that is promised to others: those that wait for it would hold their room for
  /// ever.
  static final Duration CROWD_AFTER = Duration.ofSeconds(10);

  /// A function that has waited for so long has room made for it.
  static final Duration PATIENCE = Duration.ofSeconds(5);

  /// The answer now to everything that is wanted.
  ///
  /// @param tenants every function that has containers, whether it wants more or not
  public Admissions decide(
      List<WorkerSnapshot> workers, List<Claim> claims, List<Tenant> tenants, Instant now) {
    return new AdmissionRound(workers, claims, tenants, now).run();
  }
}
