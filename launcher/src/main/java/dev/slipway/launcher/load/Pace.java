package dev.slipway.launcher.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Hands out so many inputs in a second and no more, evenly, to all who ask.
public final class Pace {
  private final ReentrantLock lock = new ReentrantLock();
  private final double perNano;
  private long nextAt = System.nanoTime();

  private Pace(double perSecond) {
    this.perNano = perSecond / TimeUnit.SECONDS.toNanos(1);
  }

  public static Pace of(double perSecond) {
    return new Pace(perSecond);
  }

  public static Pace unlimited() {
    return new Pace(Double.POSITIVE_INFINITY);
  }

  /// Waits for the turn of these inputs.
  void await(int inputs) throws InterruptedException {
    long mine;
    lock.lock();
    try {
      mine = Math.max(nextAt, System.nanoTime());
      nextAt = mine + (long) (inputs / perNano);
    } finally {
      lock.unlock();
    }
    long left = mine - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }
}
