package dev.slipway.controlplane.log;

import dev.slipway.model.AppId;
import dev.slipway.model.TaskId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the containers of every app said: kept before it is acknowledged, told to live readers at
/// once, and to others later.
public final class AppLogs {
  /// Most lines that one answer about the past holds.
  public static final int MAX_FETCHED_LINES = 20_000;

  /// Most characters that one answer about the past holds.
  static final long MAX_FETCHED_CHARACTERS = 24 << 20;

  private static final Logger log = LoggerFactory.getLogger(AppLogs.class);

  private final LogStore store;
  private final TaskOrigins origins;
  private final AppStates states;
  private final Clock clock;
  private final ConcurrentHashMap<AppId, LiveApp> live = new ConcurrentHashMap<>();

  public AppLogs(LogStore store, TaskOrigins origins, AppStates states, Clock clock) {
    this.store = store;
    this.origins = origins;
    this.states = states;
    this.clock = clock;
  }

  /// Keeps what a task said, in this order, and wakes who reads along. Returns when it is durable.
  /// Lines of a task that nobody knows are dropped: there is no app to keep them for, and its
  /// worker would offer them for ever.
  ///
  /// @throws dev.slipway.model.SlipwayException UNAVAILABLE when the database cannot take them
  public void append(TaskId task, List<LogLine> lines) {
    Optional<TaskOrigins.Origin> known = findOrigin(task);
    if (known.isEmpty()) {
      log.warn("dropped {} log lines of {}, which is not known", lines.size(), task);
      return;
    }
    TaskOrigins.Origin origin = known.get();
    List<NewLine> pieces = new ArrayList<>(lines.size());
    for (LogLine line : lines) {
      for (String piece : Text.pieces(line.data())) {
        pieces.add(
            new NewLine(
                task,
                origin.function(),
                new LogLine(line.channel(), line.timestampNanos(), piece)));
      }
    }
    if (pieces.isEmpty()) {
      return;
    }
    LiveApp app = enter(origin.app());
    try {
      app.append(pieces);
    } finally {
      leave(origin.app());
    }
  }

  /// Tells the app's readers that it says nothing more. Readers that come later learn it from
  /// [AppStates].
  public void finished(AppId app) {
    live.computeIfPresent(
        app,
        (id, present) -> {
          present.finish();
          return present;
        });
  }

  /// Tells the task's readers that it says nothing more, after [TaskOrigins#isOver] has come to say
  /// so. Without it they learn it when their stream ends.
  public void taskEnded(TaskId task) {
    origins
        .find(task)
        .ifPresent(origin ->
            live.computeIfPresent(
                origin.app(),
                (id, present) -> {
                  present.wake();
                  return present;
                }));
  }

  /// Where a task belongs, also when only its lines remember it.
  Optional<TaskOrigins.Origin> findOrigin(TaskId task) {
    return origins.find(task).or(() -> store.findOrigin(task));
  }

  /// A place to read the app's lines from and to wait for more.
  ///
  /// @param after the last entry that the reader has; 0 for none
  LogReader read(AppId app, LogFilter filter, long after) {
    return new LogReader(this, enter(app), app, filter, after);
  }

  /// A part of an app's lines.
  ///
  /// @param cursor where to go on; everything up to it has been looked at
  /// @param more whether there may be more already
  record Page(List<KeptLine> lines, long cursor, boolean more) {}

  Page page(AppId app, LogFilter filter, long cursor, int limit) {
    LogCondition condition = condition(filter);
    // Looked up first: what the filter leaves out up to here need not be looked at again.
    long head = condition.takesAll() ? cursor : Math.max(cursor, store.head(app));
    List<KeptLine> lines = store.listAfter(app, cursor, condition, limit);
    long last = lines.isEmpty() ? cursor : lines.getLast().entry();
    boolean more = lines.size() == limit;
    return new Page(lines, more ? last : Math.max(last, head), more);
  }

  boolean isOver(AppId app, LogFilter filter, LiveApp present) {
    return (filter.task().isPresent() && origins.isOver(filter.task().get()))
        || present.isFinished()
        || states.isOver(app);
  }

  /// The newest lines of a time, oldest first.
  ///
  /// @param since empty for as early as can be asked for
  /// @param until the first moment that is too late; empty for now
  /// @param limit most lines; at most [#MAX_FETCHED_LINES] come
  /// @throws dev.slipway.model.SlipwayException INVALID when the time is longer than allowed,
  ///   EXHAUSTED when the lines are too long to be told at once
  List<KeptLine> fetch(
      AppId app, Optional<Instant> since, Optional<Instant> until, LogFilter filter, int limit) {
    return store.listNewest(
        app,
        range(since, until),
        condition(filter),
        Math.min(limit, MAX_FETCHED_LINES),
        MAX_FETCHED_CHARACTERS);
  }

  /// How many lines each part of a time has; parts without any are left out.
  List<LogStore.Count> count(
      AppId app,
      Optional<Instant> since,
      Optional<Instant> until,
      LogFilter filter,
      Duration bucket) {
    return store.count(app, range(since, until), condition(filter), bucket.toNanos());
  }

  private NanoRange range(Optional<Instant> since, Optional<Instant> until) {
    Instant end = until.orElseGet(clock::instant);
    return NanoRange.of(since.orElseGet(() -> end.minus(NanoRange.MAX_LENGTH)), end);
  }

  private LogCondition condition(LogFilter filter) {
    Optional<List<TaskId>> tasks = filter.task().map(List::of);
    if (filter.call().isPresent()) {
      List<TaskId> serving = origins.listServing(filter.call().get());
      tasks =
          Optional.of(
              filter
                  .task()
                  .map(task -> serving.contains(task) ? List.of(task) : List.<TaskId>of())
                  .orElse(serving));
    }
    return new LogCondition(tasks, filter.function(), filter.channel(), filter.text());
  }

  private LiveApp enter(AppId app) {
    return live.compute(
        app,
        (id, present) -> {
          LiveApp entered = present != null ? present : new LiveApp(id, store);
          entered.users++;
          return entered;
        });
  }

  void leave(AppId app) {
    live.computeIfPresent(app, (id, present) -> --present.users == 0 ? null : present);
  }
}
