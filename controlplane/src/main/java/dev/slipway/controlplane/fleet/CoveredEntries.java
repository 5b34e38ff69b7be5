package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.image.BuildLogEntry;
import dev.slipway.images.output.Covered;
import dev.slipway.model.SecretVariables;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What the function of a build writes, with the values of its secrets covered: its words are kept
/// and read like those of commands.
final class CoveredEntries {
  private final SecretVariables secrets;
  private final Map<BuildLogEntry.Stream, Covered> streams =
      new EnumMap<>(BuildLogEntry.Stream.class);
  private long last;

  CoveredEntries(SecretVariables secrets) {
    this.secrets = secrets;
  }

  /// What may be shown now that these came.
  synchronized List<BuildLogEntry> cover(List<BuildLogEntry> entries) {
    List<BuildLogEntry> shown = new ArrayList<>();
    for (BuildLogEntry entry : entries) {
      last = entry.timestampNs();
      String text =
          streams.computeIfAbsent(entry.stream(), _ -> new Covered(secrets)).add(entry.data());
      add(shown, entry.stream(), text);
    }
    return shown;
  }

  /// What was held back, when nothing comes any more.
  synchronized List<BuildLogEntry> rest() {
    List<BuildLogEntry> shown = new ArrayList<>();
    streams.forEach((stream, covered) -> add(shown, stream, covered.end()));
    return shown;
  }

  /// A whole text.
  String cover(String text) {
    Covered covered = new Covered(secrets);
    return covered.add(text) + covered.end();
  }

  private void add(List<BuildLogEntry> shown, BuildLogEntry.Stream stream, String text) {
    if (!text.isEmpty()) {
      shown.add(new BuildLogEntry(stream, last, text));
    }
  }
}
