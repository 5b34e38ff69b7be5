package dev.slipway.launcher;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/// A process that serves until Ctrl-C or SIGTERM, and stops its parts in order whenever that comes.
final class Foreground {
  private Foreground() {}

  /// Starts and serves. Does not return: the process ends with status 0 when it is told to stop.
  static void serve(Consumer<Lifecycle> start) throws InterruptedException {
    run(start, true);
    new CountDownLatch(1).await();
  }

  /// Starts, and stops again.
  static void once(Consumer<Lifecycle> start) {
    run(start, false);
  }

  private static void run(Consumer<Lifecycle> start, boolean goesOn) {
    Lifecycle lifecycle = new Lifecycle();
    Thread stop =
        new Thread(
            () -> {
              lifecycle.close();
              // A stop on request is a success; left alone, the JVM reports the signal.
              Runtime.getRuntime().halt(0);
            },
            "stop");
    Runtime.getRuntime().addShutdownHook(stop);
    boolean serving = false;
    try {
      start.accept(lifecycle);
      serving = goesOn;
    } finally {
      if (!serving && forget(stop)) {
        lifecycle.close();
      }
    }
  }

  /// Whether the hook will not run: false when the process was told to stop meanwhile.
  private static boolean forget(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException alreadyStopping) {
      return false;
    }
  }
}
