package dev.slipway.controlplane.log;

import com.google.protobuf.Timestamp;
import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.AppCountLogsRequest;
import dev.slipway.protocol.modal.AppCountLogsResponse.LogBucket;
import dev.slipway.protocol.modal.AppFetchLogsRequest;
import dev.slipway.protocol.modal.AppGetLogsRequest;
import dev.slipway.protocol.modal.FileDescriptor;
import dev.slipway.protocol.modal.TaskLogs;
import dev.slipway.protocol.modal.TaskLogsBatch;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/// Between the messages of the wire and what they stand for.
final class LogTranslation {
  /// Characters after which a batch takes no further line.
  static final int ENOUGH_CHARACTERS_PER_BATCH = 1 << 20;

  private LogTranslation() {}

  static LogFilter filter(AppGetLogsRequest request) {
    return filter(
        request.getTaskId(),
        request.getFunctionId(),
        request.getParametrizedFunctionId(),
        request.getFunctionCallId(),
        request.getFileDescriptor(),
        request.getSearchText());
  }

  static LogFilter filter(AppFetchLogsRequest request) {
    return filter(
        request.getTaskId(),
        request.getFunctionId(),
        request.getParametrizedFunctionId(),
        request.getFunctionCallId(),
        request.getSource(),
        request.getSearchText());
  }

  static LogFilter filter(AppCountLogsRequest request) {
    return filter(
        request.getTaskId(),
        request.getFunctionId(),
        request.getParametrizedFunctionId(),
        request.getFunctionCallId(),
        request.getSource(),
        request.getSearchText());
  }

  private static LogFilter filter(
      String task,
      String function,
      String variant,
      String call,
      FileDescriptor source,
      String text) {
    return new LogFilter(
        id(task, TaskId::new),
        // A variant is a function of its own and says so of its lines.
        id(variant.isEmpty() ? function : variant, FunctionId::new),
        id(call, CallId::new),
        channel(source),
        text);
  }

  private static <T> Optional<T> id(String value, Function<String, T> make) {
    return value.isEmpty() ? Optional.empty() : Optional.of(make.apply(value));
  }

  private static Optional<Channel> channel(FileDescriptor source) {
    return switch (source) {
      case FILE_DESCRIPTOR_STDOUT -> Optional.of(Channel.STDOUT);
      case FILE_DESCRIPTOR_STDERR -> Optional.of(Channel.STDERR);
      case FILE_DESCRIPTOR_INFO -> Optional.of(Channel.SYSTEM);
      case FILE_DESCRIPTOR_UNSPECIFIED -> Optional.empty();
      case UNRECOGNIZED ->
          throw new SlipwayException(
              ErrorKind.INVALID, "log lines come from stdout, stderr or the system, nowhere else");
    };
  }

  private static FileDescriptor descriptor(Channel channel) {
    return switch (channel) {
      case STDOUT -> FileDescriptor.FILE_DESCRIPTOR_STDOUT;
      case STDERR -> FileDescriptor.FILE_DESCRIPTOR_STDERR;
      case SYSTEM -> FileDescriptor.FILE_DESCRIPTOR_INFO;
    };
  }

  /// How long a stream is held open.
  static Duration hold(float seconds, Duration most) {
    if (!(seconds > 0)) {
      return Duration.ZERO;
    }
    return seconds >= most.toSeconds() ? most : Duration.ofMillis((long) (seconds * 1_000));
  }

  /// The entry that a stream's reader has last.
  static long cursor(String lastEntryId) {
    if (lastEntryId.isEmpty()) {
      return 0;
    }
    try {
      return Long.parseLong(lastEntryId);
    } catch (NumberFormatException e) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'" + lastEntryId + "' is no log entry's id; those that this server gives are numbers",
          e);
    }
  }

  static Optional<Instant> time(boolean given, Timestamp time) {
    if (!given) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
    } catch (DateTimeException e) {
      throw new SlipwayException(
          ErrorKind.INVALID, time.getSeconds() + " s since 1970 is no time of a log line", e);
    }
  }

  static Duration bucket(int seconds) {
    if (seconds <= 0) {
      throw new SlipwayException(
          ErrorKind.INVALID, "log lines are counted by at least 1 s, not " + seconds + " s");
    }
    return Duration.ofSeconds(seconds);
  }

  /// The lines in batches of neighbours of the same task.
  static List<TaskLogsBatch> batches(List<KeptLine> lines) {
    List<TaskLogsBatch> batches = new ArrayList<>();
    int from = 0;
    int characters = 0;
    for (int i = 0; i < lines.size(); i++) {
      characters += lines.get(i).data().length();
      boolean last = i + 1 == lines.size();
      if (last
          || characters >= ENOUGH_CHARACTERS_PER_BATCH
          || !lines.get(i + 1).task().equals(lines.get(i).task())) {
        batches.add(batch(lines.subList(from, i + 1)));
        from = i + 1;
        characters = 0;
      }
    }
    return batches;
  }

  private static TaskLogsBatch batch(List<KeptLine> lines) {
    KeptLine last = lines.getLast();
    TaskLogsBatch.Builder batch =
        TaskLogsBatch.newBuilder()
            .setEntryId(Long.toString(last.entry()))
            .setTaskId(last.task().value())
            .setFunctionId(last.function().value());
    for (KeptLine line : lines) {
      batch.addItems(item(new LogLine(line.channel(), line.timestampNanos(), line.data())));
    }
    return batch.build();
  }

  static TaskLogs item(LogLine line) {
    return TaskLogs.newBuilder()
        .setData(line.data())
        .setFileDescriptor(descriptor(line.channel()))
        .setTimestamp(line.timestampNanos() / 1e9)
        .setTimestampNs(line.timestampNanos())
        .build();
  }

  /// Nothing more will come. Without lines: the client looks at none of this batch.
  static TaskLogsBatch done(long cursor) {
    return TaskLogsBatch.newBuilder().setEntryId(Long.toString(cursor)).setAppDone(true).build();
  }

  /// Nothing up to this entry is for the reader.
  static TaskLogsBatch nothingUpTo(long cursor) {
    return TaskLogsBatch.newBuilder().setEntryId(Long.toString(cursor)).build();
  }

  /// The counts by time. Parts of the time without lines are left out between, as they are before
  /// and behind.
  static List<LogBucket> buckets(List<LogStore.Count> counts, Duration length) {
    Map<Long, LogBucket.Builder> buckets = new TreeMap<>();
    for (LogStore.Count count : counts) {
      LogBucket.Builder bucket =
          buckets.computeIfAbsent(
              count.bucket(),
              number ->
                  LogBucket.newBuilder()
                      .setBucketStartAt(
                          Timestamp.newBuilder().setSeconds(number * length.toSeconds())));
      switch (count.channel()) {
        case STDOUT -> bucket.setStdoutLogs(count.lines());
        case STDERR -> bucket.setStderrLogs(count.lines());
        case SYSTEM -> bucket.setSystemLogs(count.lines());
      }
    }
    return buckets.values().stream().map(LogBucket.Builder::build).toList();
  }
}
