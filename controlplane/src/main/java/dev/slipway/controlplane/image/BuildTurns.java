package dev.slipway.controlplane.image;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;

/// Decides which build runs next: at most so many at once, and the apps that have builds waiting
/// take turns, so that one app with many layers does not hold up another with one. Not safe for use
/// by several threads.
///
/// @param <B> a build
final class BuildTurns<B> {
  private final int mostAtOnce;
  // In the order of their next turns.
  private final Map<String, Queue<B>> waiting = new LinkedHashMap<>();
  private int running;

  BuildTurns(int mostAtOnce) {
    this.mostAtOnce = mostAtOnce;
  }

  /// Puts a build behind the others of its app.
  void add(String app, B build) {
    waiting.computeIfAbsent(app, _ -> new ArrayDeque<>()).add(build);
  }

  int waiting() {
    return waiting.values().stream().mapToInt(Queue::size).sum();
  }

  /// The build that may run now, which counts as running from here on; empty when all places are
  /// taken or nothing waits.
  Optional<B> next() {
    if (running >= mostAtOnce || waiting.isEmpty()) {
      return Optional.empty();
    }
    Map.Entry<String, Queue<B>> first = waiting.entrySet().iterator().next();
    waiting.remove(first.getKey());
    B build = first.getValue().remove();
    if (!first.getValue().isEmpty()) {
      waiting.put(first.getKey(), first.getValue());
    }
    running++;
    return Optional.of(build);
  }

  /// Takes every waiting build out.
  List<B> removeAll() {
    List<B> all = waiting.values().stream().flatMap(Queue::stream).toList();
    waiting.clear();
    return all;
  }

  /// A running build has ended.
  void ended() {
    running--;
  }
}
