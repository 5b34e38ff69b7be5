package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppState;
import dev.slipway.controlplane.app.AppStore;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.call.Assignment;
import dev.slipway.controlplane.call.Attempts;
import dev.slipway.controlplane.call.CallKind;
import dev.slipway.controlplane.call.CallLimits;
import dev.slipway.controlplane.call.CallStore;
import dev.slipway.controlplane.call.CallSystem;
import dev.slipway.controlplane.call.Containers;
import dev.slipway.controlplane.call.Deadlines;
import dev.slipway.controlplane.call.Invocation;
import dev.slipway.controlplane.call.MovedClock;
import dev.slipway.controlplane.call.NewInput;
import dev.slipway.controlplane.call.Outcome;
import dev.slipway.controlplane.call.OutcomeStatus;
import dev.slipway.controlplane.call.Output;
import dev.slipway.controlplane.call.Outputs;
import dev.slipway.controlplane.function.DefinedFunctions;
import dev.slipway.controlplane.function.FunctionStore;
import dev.slipway.controlplane.function.FunctionTranslation;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.controlplane.storage.GroupCommits;
import dev.slipway.model.CallId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.ImageId;
import dev.slipway.model.InputId;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.Function;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A server whose machine and containers the test plays, under a clock that the test moves.
final class TaskFixture implements AutoCloseable {
  static final Duration SECOND = Duration.ofSeconds(1);

  final MovedClock clock = new MovedClock();
  final PlayedMachines machines = new PlayedMachines();
  final List<String> notices = new CopyOnWriteArrayList<>();
  final Tasks tasks = new Tasks();
  final Apps apps;
  final App app;
  final CallSystem calls;
  final TaskLife life;
  final Functions functions;
  private final GroupCommit commits;
  private @Nullable TaskLife listening;

  TaskFixture(Database database) {
    apps =
        new Apps(
            new AppStore(database.jdbi()),
            IdSource.secure(),
            clock,
            (stopped, urgent, reason) -> life().stopped(stopped, urgent, reason));
    app =
        apps.create(
            new WorkspaceId("ac-1"),
            new EnvironmentId("en-1"),
            "main",
            "test",
            AppState.DETACHED,
            "1.6.4",
            Map.of());
    functions =
        new Functions(
            new FunctionStore(database.jdbi()),
            apps,
            new FunctionTranslation(),
            IdSource.secure(),
            clock);
    commits = GroupCommits.behind(GroupCommits.gate(database), SECOND);
    Deadlines deadlines = clock.deadlines();
    calls =
        CallSystem.create(
            new CallStore(database.jdbi()),
            commits,
            functions,
            apps,
            CallLimits.DEFAULT,
            IdSource.secure(),
            clock,
            deadlines,
            new Listening());
    life =
        new TaskLife(
            new TaskLife.Wiring(
                apps,
                functions,
                calls,
                tasks,
                machines,
                (task, spec, resources) ->
                    new StartOrder(
                        task,
                        new ImageId("im-1"),
                        List.of(),
                        ImageConfig.empty(),
                        List.of(),
                        Map.of(),
                        SecretVariables.none(),
                        new byte[0],
                        List.of(),
                        resources,
                        false,
                        ""),
                (task, sentence) -> notices.add(sentence),
                IdSource.secure(),
                deadlines,
                clock,
                new TaskLife.Ends(ended -> {}, ended -> {})));
    listening = life;
    life.start();
  }

  private TaskLife life() {
    return java.util.Objects.requireNonNull(listening);
  }

  /// Calls are made before the life of tasks is.
  private final class Listening implements Containers {
    @Override
    public void demandChanged(FunctionId function) {
      life().demandChanged(function);
    }

    @Override
    public void worked(FunctionId function) {
      life().worked(function);
    }

    @Override
    public void cancelInputs(TaskId task, List<InputId> inputs) {
      life().cancelInputs(task, inputs);
    }

    @Override
    public void kill(TaskId task, String reason) {
      life().kill(task, reason);
    }
  }

  FunctionId function(Consumer<Function.Builder> wishes) {
    return DefinedFunctions.define(functions, app, "work", wishes);
  }

  CallId call(FunctionId function) {
    return calls
        .calls()
        .make(
            function,
            app.id(),
            CallKind.UNARY,
            new Invocation(3, false),
            Optional.empty(),
            Optional.empty(),
            List.of(new NewInput(0, "", new byte[0])))
        .call();
  }

  /// The next container, whose first process exists.
  Task awaitStarted() throws InterruptedException {
    TaskId id = machines.awaitStart();
    life.started(id, clock.instant());
    return tasks.findLive(id).orElseThrow();
  }

  /// The next container, ready and with an input.
  Task awaitWorking() throws InterruptedException {
    Task task = awaitStarted();
    life.hello(task);
    takeInput(task);
    return task;
  }

  Assignment takeInput(Task task) throws InterruptedException {
    life.asks(task.id());
    Attempts.Taken taken = calls.attempts().take(task.id(), task.function(), 1);
    return taken.inputs().getFirst();
  }

  void answer(Task task, Assignment input) {
    calls
        .attempts()
        .finish(
            task.id(),
            task.function(),
            List.of(
                new Attempts.Answer(
                    input.input(),
                    input.attempt(),
                    Outcome.ofPlatform(OutcomeStatus.SUCCESS, "done"))));
  }

  void exit(Task task, TaskExit.Cause cause, String reason) {
    life.exited(new TaskExit(task.id(), cause, 1, reason));
  }

  /// The outcome of a call, once it is there.
  Outcome outcome(CallId call) throws InterruptedException {
    Duration patience = Duration.ofSeconds(10);
    List<Output> outputs =
        calls.outputs().read(call, new Outputs.Wanted.Range(0, 0), 1, patience, patience).outputs();
    return outputs.getFirst().outcome();
  }

  boolean hasOutcome(CallId call) throws InterruptedException {
    return !calls
        .outputs()
        .read(call, new Outputs.Wanted.Range(0, 0), 1, Duration.ZERO, Duration.ZERO)
        .outputs()
        .isEmpty();
  }

  @Override
  public void close() {
    life.close();
    commits.close();
  }
}
