package dev.slipway.scheduling;

import java.time.Duration;
import java.util.Optional;

/// What an input takes, as measured lately.
///
/// The first input of a container often takes many times as long as those after it, because code is
/// loaded and connections are made for it. It speaks for the others only while nothing else is
/// known: else each container that a crowd of short inputs gets would make the crowd look like one
/// of long inputs, which gets more containers.
///
/// @param first of the first inputs of containers
/// @param later of all others
public record ServiceTime(Typical first, Typical later) {
  /// Nothing is known.
  public static ServiceTime unknown() {
    return new ServiceTime(Typical.unknown(), Typical.unknown());
  }

  /// One more input has been seen.
  public ServiceTime with(Duration time, boolean firstOfItsContainer) {
    return firstOfItsContainer
        ? new ServiceTime(first.with(time), later)
        : new ServiceTime(first, later.with(time));
  }

  /// Empty until an input has finished.
  public Optional<Duration> value() {
    return later.value().or(first::value);
  }
}
