package dev.slipway.controlplane.call;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppState;
import dev.slipway.controlplane.app.AppStore;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.function.DefinedFunctions;
import dev.slipway.controlplane.function.FunctionStore;
import dev.slipway.controlplane.function.FunctionTranslation;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.GatedDataSource;
import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.controlplane.storage.GroupCommits;
import dev.slipway.model.CallId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.FunctionInput;
import dev.slipway.protocol.modal.FunctionRetryPolicy;
import dev.slipway.protocol.modal.GenericResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// One life of a server, as far as calls are concerned: on a real database that the test can take
/// away, with a clock that the test moves, and containers that the test plays.
final class CallFixture implements AutoCloseable {
  static final Invocation SYNC = new Invocation(4, true);
  static final Invocation ASYNC = new Invocation(3, false);
  static final TaskId TASK = new TaskId("ta-00000000000000000000000001");
  static final TaskId OTHER_TASK = new TaskId("ta-00000000000000000000000002");

  /// What the calls asked of containers.
  static final class AskedContainers implements Containers {
    final List<TaskId> killed = new CopyOnWriteArrayList<>();
    final List<InputId> cancelled = new CopyOnWriteArrayList<>();

    @Override
    public void demandChanged(FunctionId function) {}

    @Override
    public void worked(FunctionId function) {}

    @Override
    public void cancelInputs(TaskId task, List<InputId> inputs) {
      cancelled.addAll(inputs);
    }

    @Override
    public void kill(TaskId task, String reason) {
      killed.add(task);
    }
  }

  final Database database;
  final MovedClock clock;
  final GatedDataSource gate;
  final GroupCommit commits;
  final AskedContainers containers = new AskedContainers();
  final CallSystem system;
  final App app;
  final Apps apps;
  final Functions functions;
  private final CallLimits limits;

  static CallFixture open(Database database) {
    return open(database, CallLimits.DEFAULT);
  }

  static CallFixture open(Database database, CallLimits limits) {
    MovedClock clock = new MovedClock();
    Apps apps =
        new Apps(
            new AppStore(database.jdbi()), IdSource.secure(), clock, (app, urgent, reason) -> {});
    App app =
        apps.create(
            new WorkspaceId("ac-1"),
            new EnvironmentId("en-1"),
            "main",
            "test",
            AppState.DETACHED,
            "1.6.4",
            Map.of());
    return new CallFixture(database, clock, apps, app, limits);
  }

  private CallFixture(Database database, MovedClock clock, Apps apps, App app, CallLimits limits) {
    this.database = database;
    this.clock = clock;
    this.apps = apps;
    this.app = app;
    this.limits = limits;
    this.gate = GroupCommits.gate(database);
    this.commits = GroupCommits.behind(gate, Duration.ofMillis(200));
    this.functions =
        new Functions(
            new FunctionStore(database.jdbi()),
            apps,
            new FunctionTranslation(),
            IdSource.secure(),
            clock);
    this.system =
        CallSystem.create(
            new CallStore(database.jdbi()),
            commits,
            functions,
            apps,
            limits,
            IdSource.secure(),
            clock,
            clock.deadlines(),
            containers);
  }

  /// The server is gone without goodbye; the next one starts on the same database.
  CallFixture killedAndStartedAgain() {
    close();
    CallFixture next = new CallFixture(database, clock, apps, app, limits);
    next.system.load().run();
    return next;
  }

  FunctionId function(Consumer<Function.Builder> wishes) {
    return DefinedFunctions.define(functions, app, "work", wishes);
  }

  FunctionId function() {
    return function(definition -> {});
  }

  static Consumer<Function.Builder> retrying(int retries, int delayMillis, float backoff) {
    return definition ->
        definition.setRetryPolicy(
            FunctionRetryPolicy.newBuilder()
                .setRetries(retries)
                .setInitialDelayMs(delayMillis)
                .setBackoffCoefficient(backoff)
                .setMaxDelayMs(60_000));
  }

  Calls.Made make(FunctionId function, Invocation invocation, Optional<String> key) {
    return system
        .calls()
        .make(
            function,
            app.id(),
            CallKind.UNARY,
            invocation,
            Optional.empty(),
            key,
            List.of(input(0)));
  }

  CallId spawn(FunctionId function) {
    return make(function, ASYNC, Optional.empty()).call();
  }

  CallId map(FunctionId function, int inputs) {
    CallId call =
        system
            .calls()
            .make(
                function,
                app.id(),
                CallKind.MAP,
                SYNC,
                Optional.empty(),
                Optional.empty(),
                List.of())
            .call();
    put(call, function, 0, inputs);
    return call;
  }

  List<Calls.Accepted> put(CallId call, FunctionId function, int from, int to) {
    List<NewInput> inputs = new ArrayList<>();
    for (int i = from; i < to; i++) {
      inputs.add(input(i));
    }
    return system.calls().put(call, function, inputs);
  }

  static NewInput input(int index) {
    return input(index, "");
  }

  static NewInput input(int index, String method) {
    FunctionInput message = FunctionInput.newBuilder().setMethodName(method).build();
    return new NewInput(index, method, message.toByteArray());
  }

  /// What a container gets when it asks and does not wait.
  List<Assignment> take(TaskId task, FunctionId function) throws InterruptedException {
    return system.attempts().take(task, function, 1, Duration.ZERO).inputs();
  }

  void answer(TaskId task, FunctionId function, Assignment input, Outcome outcome) {
    system
        .attempts()
        .finish(
            task, function, List.of(new Attempts.Answer(input.input(), input.attempt(), outcome)));
  }

  static Outcome success(String value) {
    return result(GenericResult.GenericStatus.GENERIC_STATUS_SUCCESS, value);
  }

  static Outcome failure(String value) {
    return result(GenericResult.GenericStatus.GENERIC_STATUS_FAILURE, value);
  }

  private static Outcome result(GenericResult.GenericStatus status, String value) {
    return CallTranslation.outcome(
        GenericResult.newBuilder().setStatus(status).setException(value).build(), 1);
  }

  static String text(Output output) {
    return output
        .outcome()
        .payload()
        .map(payload -> {
          try {
            return GenericResult.parseFrom(payload).getException();
          } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            return Arrays.toString(payload) + new String(payload, StandardCharsets.UTF_8);
          }
        })
        .orElse(output.outcome().message());
  }

  /// The outputs of a call that are there now.
  List<Output> outputs(CallId call) throws InterruptedException {
    return system
        .outputs()
        .read(call, new Outputs.Wanted.After(Outputs.Place.START), 0, Duration.ZERO, Duration.ZERO)
        .outputs();
  }

  Output onlyOutput(CallId call) throws InterruptedException {
    List<Output> outputs = outputs(call);
    if (outputs.size() != 1) {
      throw new AssertionError("one output expected, not " + outputs);
    }
    return outputs.getFirst();
  }

  int rows(String table) {
    return database
        .jdbi()
        .withHandle(
            handle -> handle.createQuery("select count(*) from " + table).mapTo(int.class).one());
  }

  /// Waits until everything that was written so far is durable, also what nobody waited for.
  void drain() {
    commits.commit(List.of());
  }

  @Override
  public void close() {
    gate.open();
    gate.refuse(0);
    commits.close();
  }
}
