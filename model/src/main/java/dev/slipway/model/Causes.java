package dev.slipway.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What lies behind a failure: itself, its cause, the cause of that, and so on.
public final class Causes {
  /// Longest chain that is followed; one that leads back to itself has no end.
  static final int MAX_LENGTH = 100;

  private Causes() {}

  /// The failure and all that caused it, from the last to the first.
  public static Stream<Throwable> of(Throwable failure) {
    List<Throwable> chain = new ArrayList<>();
    for (Throwable cause = failure;
        cause != null && chain.size() < MAX_LENGTH;
        cause = cause.getCause()) {
      chain.add(cause);
    }
    return chain.stream();
  }

  /// The one of this kind that is nearest to the failure.
  public static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> kind) {
    return of(failure).filter(kind::isInstance).map(kind::cast).findFirst();
  }
}
