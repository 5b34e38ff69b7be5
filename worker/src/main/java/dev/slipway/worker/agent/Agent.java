package dev.slipway.worker.agent;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.BuildFailure;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.Capacity;
import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.Processors;
import dev.slipway.protocol.worker.ServerMessage;
import dev.slipway.protocol.worker.StartBuild;
import dev.slipway.protocol.worker.StartTask;
import dev.slipway.protocol.worker.WorkerHello;
import dev.slipway.protocol.worker.WorkerMessage;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Attaches to the control plane, does what it is told and reports what becomes of it. When the
/// line breaks, what runs goes on; the agent attaches again and says what it has.
public final class Agent implements AutoCloseable {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /// How long a stop waits for containers that were told to end.
  private static final Duration DRAIN = Duration.ofSeconds(10);

  /// What containers get when the worker stops.
  private static final Duration STOP_GRACE = Duration.ofSeconds(2);

  /// How long the control plane has to take leave of a worker that stops.
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(Agent.class);

  /// What a worker says of itself.
  ///
  /// @param diskMib what it has for containers that ask for disk of their own
  /// @param containerBlobUrl where its containers reach blobs
  public record Identity(
      String workerId, int milliCpu, long memoryMib, long diskMib, String containerBlobUrl) {}

  private final Identity identity;
  private final FleetGrpc.FleetStub fleet;
  private final TaskStarter starter;
  private final Building building;
  private final Storage storage;
  private final LogShipper logs;
  private final Clock clock;

  private final Map<String, TaskRun> tasks = new ConcurrentHashMap<>();
  private final Map<String, Thread> builds = new ConcurrentHashMap<>();
  private final ReentrantLock lineLock = new ReentrantLock();
  private final Deque<WorkerMessage> unsent = new ArrayDeque<>();
  private @Nullable StreamObserver<WorkerMessage> line;
  private boolean saturated;
  private volatile boolean closed;
  private final Thread loop;
  private final CountDownLatch firstAnswer = new CountDownLatch(1);
  private volatile @Nullable Status lastFailure;

  /// @param channel carries the worker's credentials
  public Agent(
      Identity identity,
      Channel channel,
      TaskStarter starter,
      Building building,
      Storage storage,
      LogShipper logs,
      Clock clock) {
    this.identity = identity;
    this.fleet = FleetGrpc.newStub(channel);
    this.starter = starter;
    this.building = building;
    this.storage = storage;
    this.logs = logs;
    this.clock = clock;
    this.loop = Thread.ofVirtual().name("agent").unstarted(this::attachForEver);
  }

  public void start() {
    loop.start();
  }

  /// Waits until the control plane has greeted.
  ///
  /// @throws SlipwayException UNAVAILABLE when it does not in time, UNAUTHENTICATED when it refuses
  ///   this worker; with its own words
  public void awaitAttached(Duration patience) throws InterruptedException {
    boolean answered = firstAnswer.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    Status failure = lastFailure;
    if (answered && failure == null) {
      return;
    }
    String reason =
        failure == null ? "" : ": " + Objects.requireNonNullElse(failure.getDescription(), "");
    throw answered
        ? new SlipwayException(ErrorKind.UNAUTHENTICATED, "the server refuses this worker" + reason)
        : new SlipwayException(
            ErrorKind.UNAVAILABLE,
            "the server did not answer within " + patience.toSeconds() + " s" + reason);
  }

  private void lineBroke(Throwable reason) {
    Status status = Status.fromThrowable(reason);
    if (!closed) {
      log.warn("the line to the control plane broke: {}", reason.toString());
    }
    if (firstAnswer.getCount() > 0) {
      lastFailure = status;
      if (status.getCode() == Status.Code.UNAUTHENTICATED) {
        firstAnswer.countDown();
      }
    }
  }

  private void attachForEver() {
    Duration pause = FIRST_PAUSE;
    while (!closed) {
      Instant begun = clock.instant();
      try {
        attachOnce();
        pause =
            Duration.between(begun, clock.instant()).compareTo(LONGEST_PAUSE) > 0
                ? FIRST_PAUSE
                : pause;
        if (!closed) {
          Thread.sleep(pause);
        }
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// One line, until it breaks.
  private void attachOnce() throws InterruptedException {
    CountDownLatch broken = new CountDownLatch(1);
    StreamObserver<WorkerMessage> opened =
        fleet.attach(
            new StreamObserver<>() {
              @Override
              public void onNext(ServerMessage message) {
                receive(message);
              }

              @Override
              public void onError(Throwable failure) {
                lineBroke(failure);
                broken.countDown();
              }

              @Override
              public void onCompleted() {
                broken.countDown();
              }
            });
    opened.onNext(WorkerMessage.newBuilder().setHello(hello()).build());
    lineLock.lock();
    try {
      line = opened;
      WorkerMessage waiting;
      while ((waiting = unsent.pollFirst()) != null) {
        opened.onNext(waiting);
      }
      if (saturated) {
        opened.onNext(processors());
      }
    } finally {
      lineLock.unlock();
    }
    try {
      broken.await();
    } finally {
      lineLock.lock();
      try {
        line = null;
      } finally {
        lineLock.unlock();
      }
    }
  }

  private WorkerHello hello() {
    return WorkerHello.newBuilder()
        .setWorkerId(identity.workerId())
        .setCapacity(
            Capacity.newBuilder()
                .setMilliCpu(identity.milliCpu())
                .setMemoryMb(identity.memoryMib())
                .setDiskMb(identity.diskMib()))
        .addAllRunningTaskIds(tasks.keySet())
        .addAllRunningBuildIds(builds.keySet())
        .setContainerBlobUrl(identity.containerBlobUrl())
        .build();
  }

  /// Sends a report, or keeps it for the next line.
  private void report(WorkerMessage message) {
    lineLock.lock();
    try {
      if (line == null) {
        unsent.addLast(message);
      } else {
        line.onNext(message);
      }
    } catch (RuntimeException e) {
      unsent.addLast(message);
    } finally {
      lineLock.unlock();
    }
  }

  /// Whether any container runs here.
  public boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /// Says whether this machine's processors are fully used, now and after every new attachment.
  public void saysSaturated(boolean now) {
    lineLock.lock();
    try {
      saturated = now;
      if (line != null) {
        line.onNext(processors());
      }
    } finally {
      lineLock.unlock();
    }
  }

  private WorkerMessage processors() {
    return WorkerMessage.newBuilder()
        .setProcessors(Processors.newBuilder().setSaturated(saturated))
        .build();
  }

  private void receive(ServerMessage message) {
    switch (message.getMessageCase()) {
      case HELLO -> {
        log.info(
            "attached to a control plane of version {}", message.getHello().getServerVersion());
        lastFailure = null;
        firstAnswer.countDown();
      }
      case START_TASK -> startTask(message.getStartTask());
      case STOP_TASK -> {
        TaskRun run = tasks.get(message.getStopTask().getTaskId());
        if (run != null) {
          run.stop(Duration.ofMillis(Integer.toUnsignedLong(message.getStopTask().getGraceMs())));
        }
      }
      case START_BUILD -> startBuild(message.getStartBuild());
      case CANCEL_BUILD -> {
        Thread build = builds.get(message.getCancelBuild().getBuildId());
        if (build != null) {
          build.interrupt();
        }
      }
      case LIST_HOLDINGS ->
          answer(() ->
              WorkerMessage.newBuilder().setHoldings(storage.list(message.getListHoldings())));
      case REMOVE_HOLDINGS ->
          answer(() ->
              WorkerMessage.newBuilder()
                  .setHoldingsRemoved(storage.remove(message.getRemoveHoldings())));
      case MESSAGE_NOT_SET -> log.warn("the control plane sent a message that is not known here");
    }
  }

  /// Answers a question about this worker on a thread of its own.
  private void answer(Callable<WorkerMessage.Builder> question) {
    Thread.ofVirtual()
        .name("answer")
        .start(() -> {
          try {
            report(question.call().build());
          } catch (Exception e) {
            log.warn("a question of the control plane has no answer", e);
          }
        });
  }

  private void startTask(StartTask order) {
    TaskRun run = new TaskRun(order, starter, logs, this::report, clock);
    if (closed || tasks.putIfAbsent(order.getTaskId(), run) != null) {
      return;
    }
    Thread.ofVirtual()
        .name("task-" + order.getTaskId())
        .start(() -> {
          try {
            run.run();
          } finally {
            tasks.remove(order.getTaskId());
          }
        });
  }

  private void startBuild(StartBuild order) {
    if (closed || builds.containsKey(order.getBuildId())) {
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name("build-" + order.getBuildId())
            .unstarted(() -> {
              try {
                report(WorkerMessage.newBuilder().setBuildFinished(build(order)).build());
              } finally {
                builds.remove(order.getBuildId());
              }
            });
    builds.put(order.getBuildId(), thread);
    thread.start();
  }

  private BuildFinished build(StartBuild order) {
    LogShipper.Source source = new LogShipper.Source.OfBuild(order.getBuildId());
    try {
      BuildFinished finished = building.build(order, new BuildWords(source));
      logs.flush(source, DRAIN);
      return finished;
    } catch (InterruptedException e) {
      return failed(order, BuildFailure.Kind.KIND_CANCELLED, "the build was cancelled");
    } catch (RuntimeException e) {
      log.error("build {} failed in the worker itself", order.getBuildId(), e);
      return failed(
          order, BuildFailure.Kind.KIND_MACHINE, "the worker failed during the build: " + e);
    }
  }

  private static BuildFinished failed(StartBuild order, BuildFailure.Kind kind, String message) {
    return BuildFinished.newBuilder()
        .setBuildId(order.getBuildId())
        .setFailure(BuildFailure.newBuilder().setKind(kind).setMessage(message))
        .build();
  }

  private final class BuildWords implements Building.Log {
    private final LogShipper.Source source;

    BuildWords(LogShipper.Source source) {
      this.source = source;
    }

    @Override
    public void stdout(Instant at, String text) throws InterruptedException {
      say(LogEntry.Stream.STREAM_STDOUT, at, text);
    }

    @Override
    public void stderr(Instant at, String text) throws InterruptedException {
      say(LogEntry.Stream.STREAM_STDERR, at, text);
    }

    @Override
    public void system(Instant at, String text) throws InterruptedException {
      say(LogEntry.Stream.STREAM_SYSTEM, at, text);
    }

    private void say(LogEntry.Stream stream, Instant at, String text) throws InterruptedException {
      logs.say(
          source,
          LogEntry.newBuilder()
              .setStream(stream)
              .setTimestampNs(at.getEpochSecond() * 1_000_000_000L + at.getNano())
              .setData(text)
              .build());
    }
  }

  /// Ends every container and build, waits until they are gone, and says so by ending the line.
  @Override
  public void close() {
    closed = true;
    builds.values().forEach(Thread::interrupt);
    tasks.values().forEach(run -> run.stop(STOP_GRACE));
    long deadline = System.nanoTime() + DRAIN.toNanos();
    try {
      while ((!tasks.isEmpty() || !builds.isEmpty()) && System.nanoTime() < deadline) {
        Thread.sleep(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (sayFarewell()) {
      awaitFarewell();
    }
    loop.interrupt();
  }

  private boolean sayFarewell() {
    lineLock.lock();
    try {
      StreamObserver<WorkerMessage> ending = line;
      line = null;
      if (ending != null) {
        ending.onCompleted();
      }
      return ending != null;
    } finally {
      lineLock.unlock();
    }
  }

  /// Whoever closes the channel next would break the line before the control plane has read that it
  /// ended.
  private void awaitFarewell() {
    try {
      if (!loop.join(FAREWELL)) {
        log.debug("the control plane did not take leave within {} s", FAREWELL.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
