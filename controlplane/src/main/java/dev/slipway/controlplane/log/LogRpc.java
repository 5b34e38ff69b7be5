package dev.slipway.controlplane.log;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.AppCountLogsRequest;
import dev.slipway.protocol.modal.AppCountLogsResponse;
import dev.slipway.protocol.modal.AppFetchLogsRequest;
import dev.slipway.protocol.modal.AppFetchLogsResponse;
import dev.slipway.protocol.modal.AppGetLogsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.TaskLogsBatch;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The edge of logs.
public final class LogRpc implements RpcModule {
  /// Longest time that a stream is held open; its reader comes back with its cursor.
  static final Duration MAX_HOLD = Duration.ofMinutes(10);

  /// Most lines that a stream reads at a time.
  static final int MAX_LINES_PER_PAGE = 1_000;

  /// How long a stream waits before it asks a database again that is away. The client would ask
  /// again at once.
  static final Duration RETRY_PAUSE = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(LogRpc.class);

  private final AppLogs logs;
  private final Apps apps;
  private final BuildLogTranslation builds;

  /// @param builds whose logs are asked for like those of apps
  public LogRpc(AppLogs logs, Apps apps, BuildOutput builds) {
    this.logs = logs;
    this.apps = apps;
    this.builds = new BuildLogTranslation(builds);
  }

  @Override
  public void contribute(Methods methods) {
    methods.stream(ModalClientGrpc.getAppGetLogsMethod(), this::stream);
    methods.unary(ModalClientGrpc.getAppFetchLogsMethod(), this::fetch);
    methods.unary(ModalClientGrpc.getAppCountLogsMethod(), this::count);
  }

  void stream(RpcContext context, AppGetLogsRequest request, Replies<TaskLogsBatch> replies)
      throws InterruptedException {
    refuseSandbox(request.getSandboxId());
    LogFilter filter = LogTranslation.filter(request);
    AppId app = requireApp(context, request.getAppId(), filter);
    long deadline =
        System.nanoTime() + LogTranslation.hold(request.getTimeout(), MAX_HOLD).toNanos();
    long after = LogTranslation.cursor(request.getLastEntryId());
    try (LogReader reader = logs.read(app, filter, after)) {
      stream(reader, deadline, after, replies);
    }
  }

  /// Sends lines as they come, until the time is over or there will be no more.
  private static void stream(
      LogReader reader, long deadline, long after, Replies<TaskLogsBatch> replies)
      throws InterruptedException {
    long told = after;
    while (true) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      boolean last = !left.isPositive();
      AppLogs.Page page;
      try {
        page = reader.next(MAX_LINES_PER_PAGE);
      } catch (SlipwayException e) {
        if (e.kind() != ErrorKind.UNAVAILABLE || last) {
          throw e;
        }
        log.debug("a log stream waits for the database: {}", e.getMessage());
        Thread.sleep(left.compareTo(RETRY_PAUSE) < 0 ? left : RETRY_PAUSE);
        continue;
      }
      for (TaskLogsBatch batch : LogTranslation.batches(page.lines())) {
        replies.send(batch);
      }
      if (!page.lines().isEmpty()) {
        told = page.lines().getLast().entry();
      }
      if (page.more()) {
        continue;
      }
      if (reader.wasOver()) {
        replies.send(LogTranslation.done(reader.cursor()));
        return;
      }
      if (last) {
        if (reader.cursor() > told) {
          replies.send(LogTranslation.nothingUpTo(reader.cursor()));
        }
        return;
      }
      reader.await(left);
    }
  }

  AppFetchLogsResponse fetch(RpcContext context, AppFetchLogsRequest request) {
    if (BuildLogTranslation.isBuild(request.getAppId())) {
      return builds.fetch(context, request);
    }
    refuseSandbox(request.getSandboxId());
    LogFilter filter = LogTranslation.filter(request);
    AppId app = requireApp(context, request.getAppId(), filter);
    int limit = request.getLimit() > 0 ? request.getLimit() : AppLogs.MAX_FETCHED_LINES;
    return AppFetchLogsResponse.newBuilder()
        .addAllBatches(
            LogTranslation.batches(
                logs.fetch(
                    app,
                    LogTranslation.time(request.hasSince(), request.getSince()),
                    LogTranslation.time(request.hasUntil(), request.getUntil()),
                    filter,
                    limit)))
        .build();
  }

  AppCountLogsResponse count(RpcContext context, AppCountLogsRequest request) {
    if (BuildLogTranslation.isBuild(request.getAppId())) {
      return builds.count(context, request);
    }
    refuseSandbox(request.getSandboxId());
    LogFilter filter = LogTranslation.filter(request);
    AppId app = requireApp(context, request.getAppId(), filter);
    Duration bucket = LogTranslation.bucket(request.getBucketSecs());
    return AppCountLogsResponse.newBuilder()
        .setAppId(app.value())
        .addAllBuckets(
            LogTranslation.buckets(
                logs.count(
                    app,
                    LogTranslation.time(request.hasSince(), request.getSince()),
                    LogTranslation.time(request.hasUntil(), request.getUntil()),
                    filter,
                    bucket),
                bucket))
        .build();
  }

  /// The app that is asked about, by its id or by a task of it, if it is the caller's.
  private AppId requireApp(RpcContext context, String appId, LogFilter filter) {
    if (!appId.isEmpty()) {
      return apps.require(context.workspace(), new AppId(appId)).id();
    }
    TaskId task =
        filter
            .task()
            .orElseThrow(() ->
                new SlipwayException(
                    ErrorKind.INVALID, "logs are of an app or a task, and none is named"));
    return logs.findOrigin(task)
        .flatMap(origin -> apps.find(origin.app()))
        .filter(app -> app.workspace().equals(context.workspace()))
        .map(App::id)
        .orElseThrow(() ->
            new SlipwayException(ErrorKind.NOT_FOUND, "There is no container '" + task + "'"));
  }

  private static void refuseSandbox(String id) {
    if (!id.isEmpty()) {
      throw new SlipwayException(ErrorKind.NOT_FOUND, "There is no sandbox '" + id + "'");
    }
  }
}
