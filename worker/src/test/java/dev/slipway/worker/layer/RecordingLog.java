package dev.slipway.worker.layer;

import dev.slipway.worker.container.OutputStreamKind;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Keeps what a build says and what its processes write.
public final class RecordingLog implements BuildLog {
  private final List<String> said = new CopyOnWriteArrayList<>();
  private final StringBuffer written = new StringBuffer();

  @Override
  public void say(String line) {
    said.add(line);
  }

  @Override
  public void accept(OutputStreamKind stream, long timestampNanos, String text) {
    written.append(text);
  }

  /// The platform's own lines.
  public List<String> said() {
    return List.copyOf(said);
  }

  /// Everything that processes wrote.
  public String written() {
    return written.toString();
  }
}
