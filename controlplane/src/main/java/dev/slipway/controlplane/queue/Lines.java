package dev.slipway.controlplane.queue;

import dev.slipway.model.QueueId;
import dev.slipway.model.SlipwayException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The lines of those partitions at which somebody waits.
final class Lines {
  private final ConcurrentHashMap<Partition, Used> lines = new ConcurrentHashMap<>();
  private final Function<Partition, Line.Source> sources;
  private final Executor executor;

  Lines(Function<Partition, Line.Source> sources, Executor executor) {
    this.sources = sources;
    this.executor = executor;
  }

  private record Used(Line line, int users) {}

  /// A place at a line, which is there for as long as somebody has one.
  final class Place implements AutoCloseable {
    private final Partition partition;
    private final Line line;

    private Place(Partition partition, Line line) {
      this.partition = partition;
      this.line = line;
    }

    Line line() {
      return line;
    }

    @Override
    public void close() {
      lines.computeIfPresent(partition, (key, used) -> leave(used));
    }
  }

  Place enter(Partition partition) {
    Used used =
        lines.compute(
            partition,
            (key, there) ->
                there == null
                    ? new Used(new Line(sources.apply(key), executor), 1)
                    : new Used(there.line(), there.users() + 1));
    return new Place(partition, used.line());
  }

  /// Something came into the partition.
  void arrived(Partition partition) {
    Used used = lines.get(partition);
    if (used != null) {
      used.line().arrived();
    }
  }

  /// Sends everybody away who waits at a partition of the queue.
  void close(QueueId queue, SlipwayException reason) {
    lines.forEach((partition, used) -> {
      if (partition.queue().equals(queue)) {
        used.line().close(reason);
      }
    });
  }

  /// How many lines there are.
  int size() {
    return lines.size();
  }

  private static @Nullable Used leave(Used used) {
    return used.users() == 1 ? null : new Used(used.line(), used.users() - 1);
  }
}
