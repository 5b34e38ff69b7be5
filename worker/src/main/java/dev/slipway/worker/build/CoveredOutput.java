package dev.slipway.worker.build;

import dev.slipway.images.output.Covered;
import dev.slipway.model.SecretVariables;
import dev.slipway.worker.container.OutputSink;
import dev.slipway.worker.container.OutputStreamKind;
import java.util.EnumMap;
import java.util.Map;

/// Passes on what a command writes, with the values of its secrets covered.
final class CoveredOutput implements OutputSink {
  private final OutputSink behind;
  private final Map<OutputStreamKind, Covered> streams = new EnumMap<>(OutputStreamKind.class);
  private long last;

  CoveredOutput(OutputSink behind, SecretVariables secrets) {
    this.behind = behind;
    for (OutputStreamKind stream : OutputStreamKind.values()) {
      streams.put(stream, new Covered(secrets));
    }
  }

  @Override
  public synchronized void accept(OutputStreamKind stream, long timestampNanos, String text)
      throws InterruptedException {
    last = timestampNanos;
    pass(stream, streams.getOrDefault(stream, none()).add(text));
  }

  /// Passes on what was held back, when the command has ended.
  synchronized void end() throws InterruptedException {
    for (Map.Entry<OutputStreamKind, Covered> stream : streams.entrySet()) {
      pass(stream.getKey(), stream.getValue().end());
    }
  }

  private void pass(OutputStreamKind stream, String text) throws InterruptedException {
    if (!text.isEmpty()) {
      behind.accept(stream, last, text);
    }
  }

  private static Covered none() {
    return new Covered(SecretVariables.none());
  }
}
