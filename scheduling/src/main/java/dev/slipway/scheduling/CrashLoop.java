package dev.slipway.scheduling;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How the latest containers of a function fared, and how long its next one has to wait: a function
/// whose containers break down one after the other gets new ones less and less often.
///
/// A container that fails to start makes the next one wait at once. One that was ready and then
/// crashed does so only when several did in a row without answering anything in between: an input
/// that kills its container is the user's business, and the next input should not wait for it.
///
/// @param startFailures containers in a row that never became ready
/// @param crashes containers in a row that became ready and crashed before any input was answered
/// @param notBefore when the next container may start
public record CrashLoop(int startFailures, int crashes, Instant notBefore) {
  /// Crashes in a row that nothing follows from.
  public static final int FREE_CRASHES = 3;

  static final Duration FIRST_WAIT = Duration.ofMillis(500);
  static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
  private static final int MAX_DOUBLINGS = 7;

  /// Nothing is wrong.
  public static CrashLoop none() {
    return new CrashLoop(0, 0, Instant.EPOCH);
  }

  /// One more container could not start.
  public CrashLoop startFailed(Instant now) {
    int inARow = startFailures + 1;
    return new CrashLoop(inARow, crashes, now.plus(waitAfter(inARow)));
  }

  /// One more container crashed after it had become ready.
  public CrashLoop crashed(Instant now) {
    int inARow = crashes + 1;
    return new CrashLoop(
        startFailures,
        inARow,
        inARow <= FREE_CRASHES ? notBefore : now.plus(waitAfter(inARow - FREE_CRASHES)));
  }

  /// A container became ready: starting is not the trouble.
  public CrashLoop started() {
    return crashes == 0 ? none() : new CrashLoop(0, crashes, notBefore);
  }

  /// What is wrong, and how long the next container waits; empty when it does not have to.
  public Optional<String> complaint(Instant now) {
    if (!now.isBefore(notBefore)) {
      return Optional.empty();
    }
    String trouble =
        crashes > FREE_CRASHES
            ? "the last %d containers crashed before they answered anything".formatted(crashes)
            : "the last %d containers failed to start".formatted(startFailures);
    double seconds = Duration.between(now, notBefore).toMillis() / 1000.0;
    return Optional.of("%s; the next one starts in %.1f s".formatted(trouble, seconds));
  }

  private static Duration waitAfter(int inARow) {
    Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(inARow - 1, MAX_DOUBLINGS));
    return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
  }
}
