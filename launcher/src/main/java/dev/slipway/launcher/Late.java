package dev.slipway.launcher;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A part that another part needs to know before it exists: two parts that tell each other things
/// cannot both be built first. Set once, during wiring.
final class Late<T> {
  private final String name;
  private final AtomicReference<@Nullable T> part = new AtomicReference<>();

  Late(String name) {
    this.name = name;
  }

  void set(T value) {
    if (!part.compareAndSet(null, value)) {
      throw new IllegalStateException(name + " is wired twice");
    }
  }

  T get() {
    T value = part.get();
    if (value == null) {
      throw new IllegalStateException(name + " is used before it is wired");
    }
    return value;
  }
}
