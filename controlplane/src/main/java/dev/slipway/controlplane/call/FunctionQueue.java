package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import dev.slipway.scheduling.FetchAhead;
import dev.slipway.scheduling.ServiceTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The inputs of one function that wait, the containers that ask for some, and who works on what.
///
/// An input that arrives is handed straight to a container that waits for one, the most recently
/// busy first, so that containers which are not needed grow old and leave.
final class FunctionQueue {
  /// What one container is doing.
  static final class Server {
    /// What was handed to it, in this order. One that works on an input at a time may hold more,
    /// which it has not begun.
    final LinkedHashSet<Input> running = new LinkedHashSet<>();

    Instant idleSince;
    boolean closed;

    /// It answered before.
    boolean warm;

    /// It works on one input at a time.
    boolean oneAtATime;

    /// The calls of its latest answers.
    final Deque<CallId> answered = new ArrayDeque<>();

    /// When it answered last.
    Instant answeredAt = Instant.EPOCH;

    Server(Instant now) {
      idleSince = now;
    }

    /// Since when it has been idle, or has worked on the oldest of its inputs.
    Instant since() {
      Instant oldest = running.isEmpty() ? null : running.getFirst().startedAt;
      return oldest == null ? idleSince : oldest;
    }

    /// How many inputs it works on: not what it only holds.
    int working() {
      return oneAtATime ? Math.min(1, running.size()) : running.size();
    }
  }

  /// How a container is served.
  ///
  /// @param oneAtATime it works on one input at a time, and asks for the next when the output of
  ///   the one before was taken: if it has some all the same, then the answer that handed them over
  ///   was lost on its way, and is given again
  /// @param batchSize most inputs of one answer, all for one method
  /// @param linger how long an answer waits to be filled
  /// @param most answers that its worker has room for
  record Manner(boolean oneAtATime, int batchSize, Duration linger, int most) {}

  private static final class Waiter {
    final TaskId task;
    final Condition ready;
    final List<Input> given = new ArrayList<>();

    Waiter(TaskId task, Condition ready) {
      this.task = task;
      this.ready = ready;
    }
  }

  /// What a container gets when it asks.
  ///
  /// @param leave it is told to end instead
  record Taken(List<Input> inputs, boolean leave) {}

  /// Calls that a container is remembered to have answered.
  private static final int MAX_ANSWERED = 8;

  /// Ended containers that are remembered, because a question of theirs may still be under way.
  private static final int MAX_GONE = 1_000;

  final FunctionId function;
  final ReentrantLock lock = new ReentrantLock();
  final Map<CallId, Call> calls = new HashMap<>();
  final Map<TaskId, Server> servers = new LinkedHashMap<>();
  private final LinkedHashSet<TaskId> gone = new LinkedHashSet<>();

  /// In order of arrival; a set, because a call with very many of them may be cancelled.
  private final LinkedHashSet<Input> waiting = new LinkedHashSet<>();

  /// How many of those that wait were called by other inputs.
  private int waitingInside;

  private final Deque<Waiter> waiters = new ArrayDeque<>();
  private final Clock clock;
  private ServiceTime service = ServiceTime.unknown();
  int delayed;

  FunctionQueue(FunctionId function, Clock clock) {
    this.function = function;
    this.clock = clock;
  }

  int waitingCount() {
    return waiting.size();
  }

  int runningCount() {
    return servers.values().stream().mapToInt(Server::working).sum();
  }

  /// How many inputs containers hold that they have not begun.
  int aheadCount() {
    return servers.values().stream().mapToInt(s -> s.running.size() - s.working()).sum();
  }

  /// Whether a container has begun the input, and does not only hold it. Of those that it has not
  /// answered, that is the first.
  boolean hasBegun(Input input) {
    Server server = input.task == null ? null : servers.get(input.task);
    if (server == null || !server.oneAtATime || input.settling) {
      return server != null;
    }
    return server.running.stream().filter(each -> !each.settling).findFirst().stream()
        .anyMatch(first -> first == input);
  }

  /// Since when the input that is next has waited.
  Optional<Instant> oldestWaiting() {
    return waiting.stream().findFirst().map(input -> input.waitingSince);
  }

  /// What one attempt of one input takes, as measured lately.
  Optional<Duration> service() {
    return service.value();
  }

  List<Input> listWaiting() {
    return List.copyOf(waiting);
  }

  /// Makes the input available to containers. The lock is held.
  void offer(Input input, boolean first) {
    input.state = Input.State.WAITING;
    input.waitingSince = clock.instant();
    Waiter waiter = waiters.pollLast();
    if (waiter != null) {
      give(waiter, input);
    } else {
      enqueue(input, first);
    }
  }

  /// Takes an input back from its container, to the front. The lock is held.
  void takeBack(Input input) {
    remove(input, Input.State.WAITING);
    offer(input, true);
  }

  private void enqueue(Input input, boolean first) {
    boolean added = !waiting.contains(input);
    if (first) {
      waiting.addFirst(input);
    } else {
      waiting.addLast(input);
    }
    if (added && input.call.parent.isPresent()) {
      waitingInside++;
    }
  }

  private void dequeued(Input input) {
    if (input.call.parent.isPresent()) {
      waitingInside--;
    }
  }

  /// Whether inputs wait that other inputs called.
  boolean isWaitedForInside() {
    return waitingInside > 0;
  }

  private void give(Waiter waiter, Input input) {
    assign(waiter.task, input);
    waiter.given.add(input);
    waiter.ready.signal();
  }

  private void assign(TaskId task, Input input) {
    Instant now = clock.instant();
    input.state = Input.State.RUNNING;
    input.task = task;
    input.startedAt = now;
    input.timeline.fetched(now);
    server(task).running.add(input);
  }

  Server server(TaskId task) {
    if (gone.contains(task)) {
      Server ended = new Server(clock.instant());
      ended.closed = true;
      return ended;
    }
    return servers.computeIfAbsent(task, t -> new Server(clock.instant()));
  }

  /// Takes the input out of wherever it is. The lock is held.
  void remove(Input input, Input.State next) {
    switch (input.state) {
      case WAITING -> {
        if (waiting.remove(input)) {
          dequeued(input);
        }
      }
      case DELAYED -> delayed--;
      case RUNNING, DONE -> {}
    }
    TaskId task = input.detach(next);
    if (next == Input.State.DELAYED) {
      delayed++;
    }
    Server server = task == null ? null : servers.get(task);
    if (server == null || !server.running.remove(input)) {
      return;
    }
    if (server.running.isEmpty()) {
      server.idleSince = clock.instant();
    }
    if (next == Input.State.DONE) {
      server.answered.addLast(input.call.id);
      if (server.answered.size() > MAX_ANSWERED) {
        server.answered.removeFirst();
      }
    }
  }

  /// Learns from inputs whose attempts are over, and which are still those of their containers,
  /// what one takes. The lock is held.
  void measure(Collection<Input> over) {
    Instant now = clock.instant();
    Map<Server, Integer> answers = new HashMap<>();
    for (Input input : over) {
      Server server = input.task == null ? null : servers.get(input.task);
      if (server != null && server.oneAtATime) {
        answers.merge(server, 1, Integer::sum);
      } else if (input.startedAt != null) {
        boolean first = server != null && !server.warm;
        service = service.with(Duration.between(input.startedAt, now), first);
      }
    }
    // One that works on an input at a time began the next when it was through with the one before,
    // however many it was handed and however many of its answers arrive together.
    answers.forEach((server, count) -> {
      Instant handed = server.since();
      Instant begun = handed.isBefore(server.answeredAt) ? server.answeredAt : handed;
      Duration each = Duration.between(begun, now).dividedBy(count);
      for (int i = 0; i < count; i++) {
        service = service.with(each, !server.warm);
      }
      server.answeredAt = now;
    });
    over.stream()
        .flatMap(input -> Optional.ofNullable(input.task).map(servers::get).stream())
        .forEach(server -> server.warm = true);
  }

  /// Waits until there is an input for the container, it is told to leave, or the time is over.
  Taken take(TaskId task, Manner manner, Duration hold) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (gone.contains(task)) {
        return new Taken(List.of(), true);
      }
      Server server = server(task);
      server.oneAtATime = manner.oneAtATime;
      List<Input> taken = new ArrayList<>();
      if (manner.oneAtATime && !server.closed) {
        List<Input> again =
            server.running.stream().filter(i -> !i.settling).limit(manner.most).toList();
        if (!again.isEmpty()) {
          return new Taken(again, false);
        }
      }
      if (manner.oneAtATime) {
        takeWaiting(task, handful(manner.most), false, taken);
      } else {
        takeWaiting(task, manner.batchSize, true, taken);
      }
      if (taken.isEmpty() && !server.closed) {
        awaitGift(task, taken, hold, server);
      }
      if (!taken.isEmpty() && taken.size() < manner.batchSize) {
        fillBatch(task, manner, taken, server);
      }
      return new Taken(taken, server.closed && taken.isEmpty());
    } finally {
      lock.unlock();
    }
  }

  private int handful(int most) {
    int serving = (int) servers.values().stream().filter(server -> !server.closed).count();
    return FetchAhead.count(service(), waiting.size(), serving, most);
  }

  private void takeWaiting(TaskId task, int most, boolean oneMethod, List<Input> taken) {
    if (server(task).closed) {
      return;
    }
    Iterator<Input> candidates = waiting.iterator();
    while (taken.size() < most && candidates.hasNext()) {
      Input input = candidates.next();
      // The inputs of one batch are for one method. One that is about to end is left alone.
      boolean fits = !oneMethod || taken.isEmpty() || taken.getFirst().method.equals(input.method);
      if (fits && !input.settling) {
        candidates.remove();
        dequeued(input);
        assign(task, input);
        taken.add(input);
      }
    }
  }

  private void awaitGift(TaskId task, List<Input> taken, Duration hold, Server server)
      throws InterruptedException {
    Waiter waiter = new Waiter(task, lock.newCondition());
    waiters.addLast(waiter);
    try {
      long left = hold.toNanos();
      while (waiter.given.isEmpty() && !server.closed && left > 0) {
        left = waiter.ready.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      // The container is gone: what it was given meanwhile goes back to the front.
      waiter.given.forEach(this::takeBack);
      throw e;
    } finally {
      waiters.remove(waiter);
    }
    taken.addAll(waiter.given);
  }

  private void fillBatch(TaskId task, Manner manner, List<Input> taken, Server server)
      throws InterruptedException {
    long deadline = System.nanoTime() + manner.linger.toNanos();
    takeWaiting(task, manner.batchSize, true, taken);
    while (taken.size() < manner.batchSize && !server.closed) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return;
      }
      List<Input> more = new ArrayList<>();
      awaitGift(task, more, Duration.ofNanos(left), server);
      for (Input input : more) {
        if (input.method.equals(taken.getFirst().method)) {
          taken.add(input);
        } else {
          remove(input, Input.State.WAITING);
          enqueue(input, true);
          return;
        }
      }
    }
  }

  boolean isGone(TaskId task) {
    return gone.contains(task);
  }

  /// Forgets a container that has ended: whatever it still asks, it gets nothing. Returns what it
  /// worked on, which somebody must deal with.
  List<Input> leave(TaskId task) {
    close(task);
    gone.addLast(task);
    if (gone.size() > MAX_GONE) {
      gone.removeFirst();
    }
    Server server = servers.remove(task);
    return server == null ? List.of() : List.copyOf(server.running);
  }

  /// Tells a container to leave the next time it asks, which it is woken up for.
  void close(TaskId task) {
    if (gone.contains(task)) {
      return;
    }
    server(task).closed = true;
    for (Waiter waiter : waiters) {
      if (waiter.task.equals(task)) {
        waiter.ready.signal();
      }
    }
  }
}
