package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.call.CallSystem;
import dev.slipway.controlplane.call.Demand;
import dev.slipway.controlplane.call.Standings;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Tells people why things wait and why there are as many containers as there are, in sentences: of
/// an app, of a function or of a call.
public final class Explanations {
  /// Inputs of a call that are told one by one.
  static final int MAX_INPUTS = 100;

  private final Apps apps;
  private final Functions functions;
  private final CallSystem calls;
  private final Tasks tasks;
  private final TaskLife life;
  private final Clock clock;

  public Explanations(
      Apps apps, Functions functions, CallSystem calls, Tasks tasks, TaskLife life, Clock clock) {
    this.apps = apps;
    this.functions = functions;
    this.calls = calls;
    this.tasks = tasks;
    this.life = life;
    this.clock = clock;
  }

  /// The lines about whatever the workspace calls by that id or name: the id of a call, function or
  /// app; the name of an app; the name of a function, alone or after that of its app and a dot.
  ///
  /// @throws SlipwayException NOT_FOUND when it has nothing of that name
  public List<String> of(WorkspaceId workspace, String what) {
    if (what.startsWith("fc-")) {
      return ofCall(workspace, new CallId(what));
    }
    if (what.startsWith("fu-")) {
      return ofFunction(functions.require(workspace, new FunctionId(what)));
    }
    if (what.startsWith("ap-")) {
      return ofApp(apps.require(workspace, new AppId(what)));
    }
    List<App> own =
        apps.listActive().stream().filter(app -> app.workspace().equals(workspace)).toList();
    List<String> lines = new ArrayList<>();
    own.stream()
        .filter(app -> name(app).equals(what))
        .sorted(Comparator.comparing(App::createdAt).reversed())
        .forEach(app -> lines.addAll(ofApp(app)));
    if (lines.isEmpty()) {
      for (App app : own) {
        listFunctions(app).stream()
            .filter(
                spec -> spec.name().equals(what) || (name(app) + "." + spec.name()).equals(what))
            .forEach(spec -> lines.addAll(ofFunction(spec)));
      }
    }
    if (lines.isEmpty()) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "There is no active app and no function of one that is called '" + what + "'");
    }
    return lines;
  }

  private static String name(App app) {
    return app.name().orElse(app.description());
  }

  private List<String> ofApp(App app) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "app %s (%s): %s"
            .formatted(name(app), app.id(), app.state().toString().toLowerCase(Locale.ROOT)));
    for (FunctionSpec spec : listFunctions(app)) {
      ofFunction(spec).forEach(line -> lines.add("  " + line));
    }
    return lines;
  }

  /// The published functions, and the variants that have something to do.
  private List<FunctionSpec> listFunctions(App app) {
    Set<FunctionId> found = new LinkedHashSet<>();
    app.functionIds().values().forEach(id -> found.add(new FunctionId(id)));
    functions.listUsed(app.id()).stream()
        .filter(id -> !tasks.listOf(id).isEmpty() || calls.calls().demand(id).waiting() > 0)
        .forEach(found::add);
    return found.stream()
        .map(functions::requireSpec)
        .sorted(Comparator.comparing(FunctionSpec::name).thenComparing(spec -> spec.id().value()))
        .toList();
  }

  private List<String> ofFunction(FunctionSpec spec) {
    Demand demand = calls.calls().demand(spec.id());
    List<String> lines = new ArrayList<>();
    lines.add("function %s (%s): %s".formatted(spec.name(), spec.id(), life.reason(spec.id())));
    if (demand.waiting() > 0 || demand.delayed() > 0) {
      lines.add(
          "  %s without a container%s; %d to be tried again"
              .formatted(
                  count(demand.waiting(), "input"),
                  demand.oldestWaiting().map(at -> ", the first for " + since(at)).orElse(""),
                  demand.delayed()));
    }
    tasks.listOf(spec.id()).stream()
        .sorted(Comparator.comparing(Task::placedAt))
        .forEach(task -> lines.add("  container " + container(task, demand)));
    return lines;
  }

  private String container(Task task, Demand demand) {
    Task.View view = task.view();
    Optional<Demand.Load> load = Optional.ofNullable(demand.loads().get(task.id()));
    int running = load.map(Demand.Load::runningInputs).orElse(0);
    String does =
        switch (view.state()) {
          case PLACED -> "was placed " + since(task.placedAt()) + " ago";
          case STARTED -> "has been starting for " + since(task.placedAt());
          case READY ->
              running == 0
                  ? "has been idle for "
                      + since(load.map(Demand.Load::since).orElse(clock.instant()))
                  : "works on " + count(running, "input");
          case LEAVING ->
              "leaves%s: %s"
                  .formatted(
                      running == 0 ? "" : " when it is through with " + running, view.stopReason());
          case ENDED -> "has ended";
        };
    return "%s on worker %s %s".formatted(task.id(), task.workerId(), does);
  }

  private List<String> ofCall(WorkspaceId workspace, CallId id) {
    Standings.OfCall call = calls.standings().require(id, MAX_INPUTS);
    FunctionSpec spec = requireOwn(workspace, call);
    Map<Standings.Kind, Integer> counts = call.counts();
    List<String> lines = new ArrayList<>();
    lines.add(
        "call %s of function %s: %d running, %d to be tried again, %d waiting, %d done%s"
            .formatted(
                id,
                spec.name(),
                counts.getOrDefault(Standings.Kind.RUNNING, 0),
                counts.getOrDefault(Standings.Kind.DELAYED, 0),
                counts.getOrDefault(Standings.Kind.WAITING, 0),
                counts.getOrDefault(Standings.Kind.DONE, 0),
                call.cancelled() ? "; it was cancelled" : ""));
    call.inputs().forEach(input -> lines.add("  " + input(input)));
    int more = counts.values().stream().mapToInt(Integer::intValue).sum() - call.inputs().size();
    if (more > 0) {
      lines.add("  and " + count(more, "input") + " more");
    }
    boolean open = counts.keySet().stream().anyMatch(kind -> kind != Standings.Kind.DONE);
    if (open) {
      lines.addAll(ofFunction(spec));
    }
    return lines;
  }

  private FunctionSpec requireOwn(WorkspaceId workspace, Standings.OfCall call) {
    boolean own =
        functions
            .findApp(call.function())
            .flatMap(apps::find)
            .filter(app -> app.workspace().equals(workspace))
            .isPresent();
    if (!own) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "There is no function call '" + call.call() + "', or its results have expired");
    }
    return functions.requireSpec(call.function());
  }

  private String input(Standings.Standing input) {
    String where =
        switch (input.place()) {
          case Standings.Place.Waiting(Instant since, int ahead) ->
              "has waited for %s %s".formatted(since(since), ahead(ahead));
          case Standings.Place.Delayed(Instant until) ->
              "is tried again in " + text(Duration.between(clock.instant(), until));
          case Standings.Place.Running(TaskId task, Instant since) ->
              "runs in %s%s for %s".formatted(task, worker(task), since(since));
          case Standings.Place.Done(var status, String message) ->
              "ended with " + status + (message.isEmpty() ? "" : ": " + message);
        };
    String failed =
        input.failedAttempts() == 0
            ? ""
            : " after " + count(input.failedAttempts(), "failed attempt");
    return "input %d (%s) %s%s".formatted(input.index(), input.id(), where, failed);
  }

  private static String ahead(int ahead) {
    return ahead == 0 ? "and is next" : "behind " + count(ahead, "other input");
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private String worker(TaskId task) {
    return tasks.findLive(task).map(live -> " on worker " + live.workerId()).orElse("");
  }

  private String since(Instant since) {
    return text(Duration.between(since, clock.instant()));
  }

  private static String text(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", Math.max(0, duration.toMillis()) / 1000.0);
  }
}
