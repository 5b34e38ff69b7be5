package dev.slipway.controlplane.log;

import com.google.protobuf.Timestamp;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.model.BuildId;
import dev.slipway.protocol.modal.AppCountLogsRequest;
import dev.slipway.protocol.modal.AppCountLogsResponse;
import dev.slipway.protocol.modal.AppFetchLogsRequest;
import dev.slipway.protocol.modal.AppFetchLogsResponse;
import dev.slipway.protocol.modal.TaskLogsBatch;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Answers about the logs of builds, in the words in which those of apps are given.
final class BuildLogTranslation {
  private static final String BUILD = "bu-";
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final BuildOutput builds;

  BuildLogTranslation(BuildOutput builds) {
    this.builds = builds;
  }

  /// Whether an id in the place of an app's is that of a build.
  static boolean isBuild(String appId) {
    return appId.startsWith(BUILD);
  }

  AppFetchLogsResponse fetch(RpcContext context, AppFetchLogsRequest request) {
    List<LogLine> lines =
        lines(
            context,
            request.getAppId(),
            LogTranslation.filter(request),
            inside(request.hasSince(), request.getSince(), request.hasUntil(), request.getUntil()));
    int most = request.getLimit() > 0 ? request.getLimit() : AppLogs.MAX_FETCHED_LINES;
    AppFetchLogsResponse.Builder response = AppFetchLogsResponse.newBuilder();
    TaskLogsBatch.Builder batch = TaskLogsBatch.newBuilder();
    int characters = 0;
    for (LogLine line : lines.subList(Math.max(0, lines.size() - most), lines.size())) {
      batch.addItems(LogTranslation.item(line));
      characters += line.data().length();
      if (characters >= LogTranslation.ENOUGH_CHARACTERS_PER_BATCH) {
        response.addBatches(batch);
        batch = TaskLogsBatch.newBuilder();
        characters = 0;
      }
    }
    return batch.getItemsCount() == 0 ? response.build() : response.addBatches(batch).build();
  }

  AppCountLogsResponse count(RpcContext context, AppCountLogsRequest request) {
    List<LogLine> lines =
        lines(
            context,
            request.getAppId(),
            LogTranslation.filter(request),
            inside(request.hasSince(), request.getSince(), request.hasUntil(), request.getUntil()));
    long length =
        Math.multiplyExact(
            LogTranslation.bucket(request.getBucketSecs()).toSeconds(), NANOS_PER_SECOND);
    Map<Long, Map<Channel, Long>> counts =
        lines.stream()
            .collect(
                Collectors.groupingBy(
                    line -> line.timestampNanos() / length,
                    TreeMap::new,
                    Collectors.groupingBy(LogLine::channel, Collectors.counting())));
    List<LogStore.Count> flat = new ArrayList<>();
    counts.forEach((bucket, channels) ->
        channels.forEach(
            (channel, number) -> flat.add(new LogStore.Count(bucket, channel, number))));
    return AppCountLogsResponse.newBuilder()
        .setAppId(request.getAppId())
        .addAllBuckets(LogTranslation.buckets(flat, LogTranslation.bucket(request.getBucketSecs())))
        .build();
  }

  private List<LogLine> lines(
      RpcContext context, String build, LogFilter filter, Predicate<LogLine> inside) {
    return builds.require(context.workspace(), new BuildId(build)).stream()
        .filter(inside)
        .filter(line -> filter.channel().map(line.channel()::equals).orElse(true))
        .filter(line -> line.data().contains(filter.text()))
        .toList();
  }

  /// Whether a line is of a time that the client names.
  private static Predicate<LogLine> inside(
      boolean hasSince, Timestamp since, boolean hasUntil, Timestamp until) {
    Instant first = LogTranslation.time(hasSince, since).orElse(Instant.MIN);
    Instant end = LogTranslation.time(hasUntil, until).orElse(Instant.MAX);
    return line -> {
      Instant at =
          Instant.ofEpochSecond(
              line.timestampNanos() / NANOS_PER_SECOND, line.timestampNanos() % NANOS_PER_SECOND);
      return !at.isBefore(first) && at.isBefore(end);
    };
  }
}
