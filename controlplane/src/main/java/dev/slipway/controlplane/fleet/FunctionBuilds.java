package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.call.CallKind;
import dev.slipway.controlplane.call.CallSystem;
import dev.slipway.controlplane.call.NewInput;
import dev.slipway.controlplane.call.OutcomeStatus;
import dev.slipway.controlplane.call.Output;
import dev.slipway.controlplane.call.Outputs;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.image.BuildListener;
import dev.slipway.controlplane.image.BuildLogEntry;
import dev.slipway.controlplane.image.BuildLogs;
import dev.slipway.controlplane.image.BuildMachines;
import dev.slipway.controlplane.image.BuildOutcome;
import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.controlplane.image.BuildSecrets;
import dev.slipway.controlplane.image.FunctionStep;
import dev.slipway.controlplane.image.ImageContents;
import dev.slipway.controlplane.task.StopCause;
import dev.slipway.controlplane.task.TaskLife;
import dev.slipway.controlplane.task.Tasks;
import dev.slipway.model.BuildId;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds whose step is a function: it is called once, in a container whose changes become the
/// layer. Builds of recipes go to the workers as they are.
public final class FunctionBuilds implements BuildMachines {
  /// How long a container may take from its result to its end, and the layer to be there.
  static final Duration MAX_WAIT_FOR_LAYER = Duration.ofMinutes(10);

  /// How long a container that is killed may take to be gone.
  static final Duration MAX_WAIT_FOR_LAST_WORDS = Duration.ofSeconds(20);

  private static final Logger log = LoggerFactory.getLogger(FunctionBuilds.class);

  /// One question for the result; it is repeated until there is one.
  private static final Duration HOLD = Duration.ofSeconds(60);

  private final FleetBuilds recipes;
  private final CallSystem calls;
  private final Functions functions;
  private final Tasks tasks;
  private final TaskLife life;
  private final BuildLogs logs;
  private final BuildSecrets secrets;
  private final Clock clock;
  private final Map<FunctionId, Running> running = new ConcurrentHashMap<>();
  private final Map<BuildId, CallId> callsOfBuilds = new ConcurrentHashMap<>();

  /// A build whose function runs.
  ///
  /// @param ends what became of its containers
  private record Running(
      BuildId build,
      CoveredEntries output,
      Map<TaskId, CompletableFuture<Optional<ImageContents>>> ends) {
    CompletableFuture<Optional<ImageContents>> end(TaskId task) {
      return ends.computeIfAbsent(task, _ -> new CompletableFuture<>());
    }
  }

  public FunctionBuilds(
      FleetBuilds recipes,
      CallSystem calls,
      Functions functions,
      Tasks tasks,
      TaskLife life,
      BuildLogs logs,
      BuildSecrets secrets,
      Clock clock) {
    this.recipes = recipes;
    this.calls = calls;
    this.functions = functions;
    this.tasks = tasks;
    this.life = life;
    this.logs = logs;
    this.secrets = secrets;
    this.clock = clock;
  }

  @Override
  public void start(BuildRequest request, BuildListener listener) {
    Optional<FunctionStep> step = request.function();
    if (step.isEmpty()) {
      recipes.start(request, listener);
      return;
    }
    Thread.ofVirtual()
        .name("function of " + request.id())
        .start(() -> run(request, step.get(), listener));
  }

  @Override
  public Optional<String> whyBuildsWait() {
    return recipes.whyBuildsWait();
  }

  @Override
  public void cancel(BuildId build, String reason) {
    CallId call = callsOfBuilds.get(build);
    if (call == null) {
      recipes.cancel(build, reason);
    } else {
      calls.calls().cancel(call, true);
    }
  }

  private void run(BuildRequest request, FunctionStep step, BuildListener listener) {
    BuildId build = request.id();
    try {
      // Caches are shared within a workspace, and so are functions.
      WorkspaceId owner = new WorkspaceId(request.cacheScope());
      FunctionSpec spec = functions.require(owner, step.function());
      Running self =
          new Running(
              build,
              new CoveredEntries(secrets.open(owner, spec.secrets()).variables()),
              new ConcurrentHashMap<>());
      running.put(step.function(), self);
      BuildOutcome outcome = call(self, spec, step);
      logs.append(build, self.output().rest());
      listener.finished(outcome);
    } catch (SlipwayException e) {
      listener.finished(failed(String.valueOf(e.getMessage())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      listener.finished(failed("the server is stopping"));
    } finally {
      callsOfBuilds.remove(build);
      running.remove(step.function());
    }
  }

  private BuildOutcome call(Running self, FunctionSpec spec, FunctionStep step)
      throws InterruptedException {
    BuildId build = self.build();
    say(build, "Calling " + spec.name() + " in a container of the image before.");
    NewInput input = new NewInput(0, "", step.input());
    CallId call =
        calls
            .calls()
            .make(
                spec.id(),
                spec.app(),
                CallKind.UNARY,
                FunctionBuildTranslation.invocation(),
                Optional.empty(),
                Optional.of(build.value()),
                List.of(input))
            .call();
    callsOfBuilds.put(build, call);
    Output output = result(call);
    TaskId task = output.task().orElse(null);
    if (output.outcome().status() != OutcomeStatus.SUCCESS) {
      // What a function left that failed is no layer.
      if (task != null) {
        life.kill(task, "its function failed");
        awaitLastWords(self.end(task));
      }
      BuildOutcome.Failed failure = FunctionBuildTranslation.failure(spec.name(), output.outcome());
      return new BuildOutcome.Failed(
          failure.kind(), self.output().cover(failure.message()), failure.exitCode());
    }
    return task == null
        ? failed("no container gave the result of " + spec.name())
        : layer(self, task);
  }

  /// What a container still says belongs to the build's log, which is open until then.
  private static void awaitLastWords(CompletableFuture<Optional<ImageContents>> end)
      throws InterruptedException {
    try {
      Optional<ImageContents> ignored =
          end.get(MAX_WAIT_FOR_LAST_WORDS.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("ends are only ever completed with a value", e);
    } catch (TimeoutException e) {
      log.warn("the container of a build function that failed does not end");
    }
  }

  private Output result(CallId call) throws InterruptedException {
    while (true) {
      Outputs.Read read =
          calls.outputs().read(call, new Outputs.Wanted.After(Outputs.Place.START), 1, HOLD, HOLD);
      if (!read.outputs().isEmpty()) {
        return read.outputs().getFirst();
      }
    }
  }

  /// Lets the container leave, and waits for what its worker made of its changes.
  private BuildOutcome layer(Running self, TaskId task) throws InterruptedException {
    CompletableFuture<Optional<ImageContents>> end = self.end(task);
    try {
      tasks
          .findLive(task)
          .ifPresent(live -> life.retire(live, StopCause.REQUESTED, "its function has ended"));
      return end.get(MAX_WAIT_FOR_LAYER.toSeconds(), TimeUnit.SECONDS)
          .<BuildOutcome>map(BuildOutcome.Built::new)
          .orElseGet(() -> failed("the container of the function broke down at its end"));
    } catch (ExecutionException e) {
      throw new IllegalStateException("ends are only ever completed with a value", e);
    } catch (TimeoutException e) {
      life.kill(task, "it did not end after its function");
      return failed("the container of the function did not end");
    }
  }

  /// A container is gone; its worker kept its changes, or did not.
  void ended(TaskId task, Optional<ImageContents> kept) {
    find(task).ifPresent(found -> found.end(task).complete(kept));
  }

  /// Takes what a container said, if it belongs to a build.
  boolean append(TaskId task, List<BuildLogEntry> entries) {
    Optional<Running> build = find(task);
    build.ifPresent(found -> logs.append(found.build(), found.output().cover(entries)));
    return build.isPresent();
  }

  private Optional<Running> find(TaskId task) {
    return tasks.findAny(task).flatMap(found -> Optional.ofNullable(running.get(found.function())));
  }

  private void say(BuildId build, String line) {
    logs.append(
        build,
        List.of(
            new BuildLogEntry(
                BuildLogEntry.Stream.SYSTEM, clock.millis() * 1_000_000, line + "\n")));
  }

  private static BuildOutcome.Failed failed(String message) {
    return new BuildOutcome.Failed(BuildOutcome.Kind.MACHINE, message, 0);
  }
}
