package dev.slipway.model;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.random.RandomGenerator;

/// Mints ids. Bodies are random enough that an id cannot be guessed (22 letters and digits, 131
/// bits).
public final class IdSource {
  private static final String ALPHANUMERIC =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  private static final int BODY_LENGTH = 22;

  private final RandomGenerator random;
  private final Clock clock;

  public IdSource(RandomGenerator random, Clock clock) {
    this.random = random;
    this.clock = clock;
  }

  /// The source for production: a secure random generator and the system clock.
  public static IdSource secure() {
    return new IdSource(new SecureRandom(), Clock.systemUTC());
  }

  /// A new id body behind the given prefix, such as `ap-4Zq…`.
  public String next(String prefix) {
    StringBuilder id = new StringBuilder(prefix).append('-');
    for (int i = 0; i < BODY_LENGTH; i++) {
      id.append(ALPHANUMERIC.charAt(random.nextInt(ALPHANUMERIC.length())));
    }
    return id.toString();
  }

  /// A new task id: `ta-` and a ULID (time, then randomness), which the client's traceback
  /// detection expects. The last character is never `V`: the client would take the task for a
  /// sandbox.
  public TaskId nextTask() {
    long time = clock.millis();
    char[] body = new char[26];
    for (int i = 9; i >= 0; i--) {
      body[i] = CROCKFORD.charAt((int) (time & 31));
      time >>>= 5;
    }
    for (int i = 10; i < body.length; i++) {
      body[i] = CROCKFORD.charAt(random.nextInt(CROCKFORD.length()));
    }
    if (body[25] == 'V') {
      body[25] = '0';
    }
    return new TaskId("ta-" + new String(body));
  }
}
