package dev.slipway.controlplane.log;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppState;
import dev.slipway.controlplane.app.AppStore;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.CancelledException;
import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.AppGetLogsRequest;
import dev.slipway.protocol.modal.TaskLogs;
import dev.slipway.protocol.modal.TaskLogsBatch;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Logs on a real database, and the tasks and apps that they are told about.
@Tag("integration")
abstract class LogFixture {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  /// A reply that has not come after this time will not come.
  static final long PATIENCE_SECONDS = 20;

  final IdSource ids = IdSource.secure();
  final WorkspaceId workspace = new WorkspaceId(ids.next("ac"));
  final KnownTasks tasks = new KnownTasks();
  final Map<AppId, Boolean> overApps = new ConcurrentHashMap<>();
  final LogStore store = new LogStore(FIXTURE.database().jdbi());
  final Apps apps =
      new Apps(
          new AppStore(FIXTURE.database().jdbi()),
          ids,
          Clock.systemUTC(),
          (app, urgent, reason) -> {});
  final AppLogs logs = restarted();
  final LogRpc rpc = new LogRpc(logs, apps, (_, _) -> List.of());
  final AppId app = newApp();
  final FunctionId function = new FunctionId(ids.next("fu"));
  final TaskId task = newTask(app, function);

  /// Logs on the same database that remember nothing.
  final AppLogs restarted() {
    return new AppLogs(store, tasks, overApps::containsKey, Clock.systemUTC());
  }

  final AppId newApp() {
    App created =
        apps.create(
            workspace,
            new EnvironmentId("en-1"),
            "main",
            "logs",
            AppState.EPHEMERAL,
            "1.6.4",
            Map.of());
    return created.id();
  }

  final TaskId newTask(AppId of, FunctionId runs) {
    TaskId id = ids.nextTask();
    tasks.known.put(id, new TaskOrigins.Origin(of, runs));
    return id;
  }

  static LogLine line(long nanos, String data) {
    return new LogLine(Channel.STDOUT, nanos, data);
  }

  final RpcContext context() {
    return context(workspace);
  }

  static RpcContext context(WorkspaceId of) {
    return new RpcContext(
        new Caller.Client(of, "ak-1"),
        new ClientVersion(1, 6, 4),
        ClientKind.PYTHON,
        Optional.empty());
  }

  final AppGetLogsRequest.Builder request(float timeoutSeconds) {
    return AppGetLogsRequest.newBuilder().setAppId(app.value()).setTimeout(timeoutSeconds);
  }

  final Stream open(AppGetLogsRequest.Builder request) {
    return new Stream(rpc, context(), request.build());
  }

  static List<String> texts(List<TaskLogsBatch> batches) {
    return batches.stream()
        .flatMap(batch -> batch.getItemsList().stream())
        .map(TaskLogs::getData)
        .toList();
  }

  static List<LogLine> lines(String... data) {
    List<LogLine> lines = new ArrayList<>();
    Arrays.stream(data).forEach(text -> lines.add(line(lines.size() + 1L, text)));
    return lines;
  }

  /// The tasks that these tests know.
  static final class KnownTasks implements TaskOrigins {
    final Map<TaskId, Origin> known = new ConcurrentHashMap<>();
    final Map<TaskId, Boolean> ended = new ConcurrentHashMap<>();
    final Map<CallId, List<TaskId>> serving = new ConcurrentHashMap<>();

    @Override
    public Optional<Origin> find(TaskId task) {
      return Optional.ofNullable(known.get(task));
    }

    @Override
    public boolean isOver(TaskId task) {
      return ended.containsKey(task);
    }

    @Override
    public List<TaskId> listServing(CallId call) {
      return serving.getOrDefault(call, List.of());
    }
  }

  /// One AppGetLogs call that runs beside the test.
  static final class Stream implements Replies<TaskLogsBatch>, AutoCloseable {
    private final BlockingQueue<TaskLogsBatch> replies = new LinkedBlockingQueue<>();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean cancelled;

    Stream(LogRpc rpc, RpcContext context, AppGetLogsRequest request) {
      thread =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  rpc.stream(context, request, this);
                } catch (Exception e) {
                  failure.set(e);
                }
              });
    }

    @Override
    public void send(TaskLogsBatch reply) {
      if (cancelled) {
        throw new CancelledException();
      }
      replies.add(reply);
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    TaskLogsBatch next() throws InterruptedException {
      TaskLogsBatch batch = replies.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (batch == null) {
        throw new AssertionError("no reply came; the call failed with " + failure.get());
      }
      return batch;
    }

    /// Whether no reply comes within this time.
    boolean isSilentFor(long millis) throws InterruptedException {
      TaskLogsBatch batch = replies.poll(millis, TimeUnit.MILLISECONDS);
      if (batch != null) {
        replies.add(batch);
      }
      return batch == null && thread.isAlive();
    }

    /// Everything until the call ends.
    List<TaskLogsBatch> rest() throws InterruptedException {
      if (!thread.join(java.time.Duration.ofSeconds(PATIENCE_SECONDS))) {
        throw new AssertionError("the call does not end");
      }
      if (failure.get() != null) {
        throw new AssertionError("the call failed", failure.get());
      }
      List<TaskLogsBatch> rest = new ArrayList<>();
      replies.drainTo(rest);
      return rest;
    }

    @Override
    public void close() throws InterruptedException {
      cancelled = true;
      thread.interrupt();
      thread.join();
    }
  }
}
