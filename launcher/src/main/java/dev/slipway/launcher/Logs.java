package dev.slipway.launcher;

import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.call.Outputs;
import dev.slipway.controlplane.fleet.TaskOutput;
import dev.slipway.controlplane.image.Images;
import dev.slipway.controlplane.log.AppLogs;
import dev.slipway.controlplane.log.Channel;
import dev.slipway.controlplane.log.LogLine;
import dev.slipway.controlplane.log.LogRetentionChore;
import dev.slipway.controlplane.log.LogRpc;
import dev.slipway.controlplane.log.LogStore;
import dev.slipway.controlplane.log.TaskOrigins;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.task.Tasks;
import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.TaskId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The logs of apps, wired to the tasks that write them.
final class Logs {
  private static final Duration RETENTION_PERIOD = Duration.ofMinutes(5);

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final AppLogs logs;
  private final LogStore store;
  private final Apps apps;
  private final Clock clock;

  Logs(Database database, Apps apps, Tasks tasks, Outputs outputs, Clock clock) {
    this.apps = apps;
    this.clock = clock;
    this.store = new LogStore(database.jdbi());
    this.logs =
        new AppLogs(
            store,
            new Origins(tasks, outputs),
            app -> !apps.isActive(app) && tasks.listOf(app).isEmpty(),
            clock);
  }

  void appFinished(AppId app) {
    logs.finished(app);
  }

  void taskEnded(TaskId task) {
    logs.taskEnded(task);
  }

  TaskOutput taskOutput() {
    return (task, entries) ->
        logs.append(
            task,
            entries.stream()
                .map(entry ->
                    new LogLine(
                        switch (entry.channel()) {
                          case STDOUT -> Channel.STDOUT;
                          case STDERR -> Channel.STDERR;
                          case SYSTEM -> Channel.SYSTEM;
                        },
                        entry.timestampNanos(),
                        entry.data()))
                .toList());
  }

  /// A sentence of the platform in the log of a task.
  void notice(TaskId task, String sentence) {
    logs.append(
        task,
        List.of(new LogLine(Channel.SYSTEM, clock.millis() * NANOS_PER_MILLI, sentence + "\n")));
  }

  RpcModule rpc(Images images) {
    return new LogRpc(
        logs,
        apps,
        (workspace, build) ->
            images.listLog(workspace, build).stream()
                .map(entry ->
                    new LogLine(
                        switch (entry.stream()) {
                          case STDOUT -> Channel.STDOUT;
                          case STDERR -> Channel.STDERR;
                          case SYSTEM -> Channel.SYSTEM;
                        },
                        entry.timestampNs(),
                        entry.data()))
                .toList());
  }

  void chores(Chores chores) {
    chores.every(RETENTION_PERIOD, new LogRetentionChore(store, clock));
  }

  /// Where tasks belong, from the tasks themselves.
  private record Origins(Tasks tasks, Outputs outputs) implements TaskOrigins {
    @Override
    public Optional<Origin> find(TaskId task) {
      return tasks.findAny(task).map(found -> new Origin(found.app(), found.function()));
    }

    @Override
    public boolean isOver(TaskId task) {
      return tasks.findLive(task).isEmpty();
    }

    @Override
    public List<TaskId> listServing(CallId call) {
      return outputs.listTasks(call);
    }
  }
}
