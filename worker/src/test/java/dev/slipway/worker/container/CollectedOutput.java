package dev.slipway.worker.container;

/// Keeps what a container wrote.
public final class CollectedOutput implements OutputSink {
  private final StringBuilder stdout = new StringBuilder();
  private final StringBuilder stderr = new StringBuilder();

  @Override
  public synchronized void accept(OutputStreamKind stream, long timestampNanos, String text) {
    switch (stream) {
      case STDOUT -> stdout.append(text);
      case STDERR -> stderr.append(text);
    }
    notifyAll();
  }

  public synchronized String stdout() {
    return stdout.toString();
  }

  public synchronized String stderr() {
    return stderr.toString();
  }

  /// Waits until the container wrote a text to its standard output.
  public synchronized void await(String text) throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!stdout.toString().contains(text)) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("'" + text + "' did not come; out: " + stdout + " err: " + stderr);
      }
      wait(left);
    }
  }
}
