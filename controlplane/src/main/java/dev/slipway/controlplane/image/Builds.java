package dev.slipway.controlplane.image;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs builds: a limited number at once, each followed to its end whoever still waits for it.
final class Builds implements AutoCloseable {
  /// Characters of a reason that a log repeats.
  private static final int MOST_SHOWN = 1_000;

  private static final Logger log = LoggerFactory.getLogger(Builds.class);

  /// How many builds run at once; the others wait for their turn.
  static final int MOST_AT_ONCE = 4;

  /// How many builds may wait.
  static final int MOST_WAITING = 10_000;

  /// How much longer than a build's own time limit its machine may take to say how it ended.
  static final Duration MACHINE_GRACE = Duration.ofMinutes(1);

  /// How long the outcome waits before it is written again, when the database is away.
  static final Duration STORE_RETRY = Duration.ofSeconds(1);

  /// How long a stop waits for the outcomes of running builds to be written.
  static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  private final ImageStore store;
  private final BuildLogs logs;
  private final BuildMachines machines;
  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition allEnded = lock.newCondition();
  private final BuildTurns<Turn> turns = new BuildTurns<>(MOST_AT_ONCE);
  private final Set<Turn> running = new HashSet<>();
  private volatile boolean closed;

  private record Turn(OngoingBuild build, BuildRequest request, Runnable ended) {}

  Builds(ImageStore store, BuildLogs logs, BuildMachines machines, Clock clock) {
    this.store = store;
    this.logs = logs;
    this.machines = machines;
    this.clock = clock;
  }

  /// Queues a build that is recorded in the store as begun.
  ///
  /// @param app whose turn it takes
  /// @param ended runs when its end is in the store
  /// @throws SlipwayException UNAVAILABLE when the server is stopping, EXHAUSTED when too many wait
  void submit(String app, OngoingBuild build, BuildRequest request, Runnable ended) {
    Turn turn = new Turn(build, request, ended);
    Optional<String> wait;
    lock.lock();
    try {
      if (closed) {
        throw new SlipwayException(ErrorKind.UNAVAILABLE, "the server is stopping");
      }
      if (turns.waiting() >= MOST_WAITING) {
        throw new SlipwayException(
            ErrorKind.EXHAUSTED, "%,d image builds are waiting already".formatted(MOST_WAITING));
      }
      turns.add(app, turn);
      startNext();
      wait =
          running.contains(turn)
              ? Optional.empty()
              : Optional.of(
                  "Waiting: %d images are being built, and %d builds wait for their turn."
                      .formatted(running.size(), turns.waiting()));
    } finally {
      lock.unlock();
    }
    wait.ifPresent(line -> say(build, line));
  }

  /// Starts what may run now. The caller holds the lock.
  private void startNext() {
    Optional<Turn> next = closed ? Optional.empty() : turns.next();
    while (next.isPresent()) {
      Turn turn = next.get();
      running.add(turn);
      Thread.ofVirtual().name("build " + turn.build().image().build()).start(() -> runToEnd(turn));
      next = turns.next();
    }
  }

  private void runToEnd(Turn turn) {
    try {
      record(turn, explained(turn.request(), run(turn)));
    } finally {
      lock.lock();
      try {
        running.remove(turn);
        turns.ended();
        startNext();
        if (running.isEmpty()) {
          allEnded.signalAll();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /// Has a machine build it, and waits.
  private BuildOutcome run(Turn turn) {
    BuildRequest request = turn.request();
    machines.whyBuildsWait().ifPresent(why -> say(turn.build(), "Waiting: " + why + "."));
    try {
      machines.start(request, turn.build().outcome()::complete);
      return turn.build()
          .outcome()
          .get(request.timeout().plus(MACHINE_GRACE).toSeconds(), TimeUnit.SECONDS);
    } catch (SlipwayException e) {
      return failed(BuildOutcome.Kind.MACHINE, "the build could not be started: " + e.getMessage());
    } catch (TimeoutException e) {
      String reason = "the build did not end within %d s".formatted(request.timeout().toSeconds());
      machines.cancel(request.id(), reason);
      return failed(BuildOutcome.Kind.TIMEOUT, reason);
    } catch (ExecutionException e) {
      throw new IllegalStateException("outcomes are only ever completed with a value", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return interrupted();
    } catch (RuntimeException e) {
      log.error("build {} could not be started", request.id(), e);
      return failed(
          BuildOutcome.Kind.MACHINE, "the build could not be started; see the server's log");
    }
  }

  /// How a build ended, with what the recipe has to say about an image that cannot be had.
  private static BuildOutcome explained(BuildRequest request, BuildOutcome outcome) {
    if (!(outcome instanceof BuildOutcome.Failed failed)
        || failed.kind() != BuildOutcome.Kind.BASE_UNAVAILABLE) {
      return outcome;
    }
    return request.asides().ofImages().entrySet().stream()
        .filter(image -> failed.message().contains("'" + image.getKey() + "'"))
        .findFirst()
        .<BuildOutcome>map(
            image -> failed(failed.kind(), failed.message() + " " + image.getValue()))
        .orElse(failed);
  }

  /// Writes down how a build ended, then lets its followers know.
  private void record(Turn turn, BuildOutcome outcome) {
    OngoingBuild build = turn.build();
    if (outcome instanceof BuildOutcome.Failed failure) {
      // The terminal shows it behind the log; who reads the log later finds it here only.
      String reason = failure.message();
      say(build, "Failed: " + Shown.atMost(reason, MOST_SHOWN));
    }
    try {
      while (!tryRecord(build, outcome) && !closed) {
        Thread.sleep(STORE_RETRY);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      turn.ended().run();
      logs.close(build);
    }
  }

  private boolean tryRecord(OngoingBuild build, BuildOutcome outcome) {
    try {
      store.finish(build.image(), outcome, clock.instant(), build.cached());
      return true;
    } catch (SlipwayException e) {
      log.warn(
          "the end of build {} is not recorded yet: {}", build.image().build(), e.getMessage());
      return false;
    } catch (RuntimeException e) {
      // Trying again would not help; the next start finds the build unfinished and ends it.
      log.error("the end of build {} cannot be recorded", build.image().build(), e);
      return true;
    }
  }

  /// Says something in a build's log.
  void say(OngoingBuild build, String line) {
    try {
      build.append(
          List.of(
              new BuildLogEntry(
                  BuildLogEntry.Stream.SYSTEM, clock.millis() * 1_000_000, line + "\n")));
    } catch (SlipwayException e) {
      log.warn("build {} lacks a line of its log: {}", build.image().build(), e.getMessage());
    }
  }

  private static BuildOutcome.Failed failed(BuildOutcome.Kind kind, String message) {
    return new BuildOutcome.Failed(kind, message, 0);
  }

  /// How a build ends that the server did not see to its end.
  static BuildOutcome.Failed interrupted() {
    return failed(
        BuildOutcome.Kind.INTERRUPTED, "the server stopped while the image was being built");
  }

  /// Ends every build: followers get an answer, and so does who asks after the next start.
  @Override
  public void close() {
    List<Turn> started;
    List<Turn> waiting;
    lock.lock();
    try {
      closed = true;
      started = List.copyOf(running);
      waiting = turns.removeAll();
    } finally {
      lock.unlock();
    }
    for (Turn turn : started) {
      turn.build().outcome().complete(interrupted());
      machines.cancel(turn.request().id(), "the server is stopping");
    }
    for (Turn turn : waiting) {
      record(turn, interrupted());
    }
    lock.lock();
    try {
      long left = CLOSE_WAIT.toNanos();
      while (!running.isEmpty() && left > 0) {
        left = allEnded.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }
}
