package dev.slipway.worker.container;

import dev.slipway.worker.cgroup.Cgroup;
import dev.slipway.worker.machine.Posix;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A container and the threads that watch it: one per stream, which read, and one that waits for
/// the end and cleans up.
final class CrunContainer implements RunningContainer {
  /// How long the kernel gets to end a container after its first process was killed.
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

  private static final int SIGNAL_BASE = 128;
  private static final int KILLED = SIGNAL_BASE + Posix.SIGKILL;
  private static final int NO_HANDLE = -1;
  private static final int STACK_BYTES = 256 << 10;
  private static final Logger log = LoggerFactory.getLogger(CrunContainer.class);

  private final ContainerSpec spec;
  private final Process process;
  private final Cgroup cgroup;
  private final CrunRuntime.Belongings belongings;
  private final CountDownLatch ended = new CountDownLatch(1);
  // What is said when the watching itself fails; written before the latch opens.
  private volatile Exit exit =
      new Exit(KILLED, Exit.Cause.STOPPED, 0, "The worker stopped watching it.");

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock: a handle on the first process, or NO_HANDLE once it ended.
  private int handle;
  private boolean stopRequested;
  private boolean killed;

  private CrunContainer(
      ContainerSpec spec,
      Process process,
      int handle,
      Cgroup cgroup,
      CrunRuntime.Belongings belongings) {
    this.spec = spec;
    this.process = process;
    this.handle = handle;
    this.cgroup = cgroup;
    this.belongings = belongings;
  }

  static CrunContainer watch(
      ContainerSpec spec,
      RuntimeProcess.Started started,
      Cgroup cgroup,
      OutputSink output,
      Clock clock,
      CrunRuntime.Belongings belongings) {
    CrunContainer container =
        new CrunContainer(spec, started.process(), open(started.pid()), cgroup, belongings);
    // Reading a pipe holds on to an operating system thread, so these are not virtual.
    Thread stdout =
        reader(
            spec,
            new OutputPump(
                OutputStreamKind.STDOUT, started.process().getInputStream(), output, clock));
    Thread stderr =
        reader(
            spec,
            new OutputPump(
                OutputStreamKind.STDERR, started.process().getErrorStream(), output, clock));
    Thread.ofVirtual().name("wait " + spec.id()).start(() -> container.finish(stdout, stderr));
    return container;
  }

  @Override
  public String id() {
    return spec.id();
  }

  @Override
  public void interrupt() {
    lock.lock();
    try {
      stopRequested = true;
      signal(Posix.SIGINT);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void kill() {
    lock.lock();
    try {
      stopRequested = true;
      killed = true;
      // The kernel ends every process of a process namespace together with its first one.
      signal(Posix.SIGKILL);
    } finally {
      lock.unlock();
    }
    Thread.ofVirtual().name("kill " + spec.id()).start(this::insist);
  }

  @Override
  public Exit waitForExit() throws InterruptedException {
    ended.await();
    return exit;
  }

  private void insist() {
    try {
      if (!ended.await(KILL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS) && process.isAlive()) {
        cgroup.killAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void signal(int number) {
    if (handle == NO_HANDLE) {
      return;
    }
    try {
      Posix.signal(handle, number);
    } catch (IOException e) {
      log.warn("the container {} cannot be signalled: {}", spec.id(), e.toString());
    }
  }

  private void finish(Thread stdout, Thread stderr) {
    try {
      int code = process.waitFor();
      closeHandle();
      // Whoever is still there holds the pipes open.
      cgroup.killAll();
      stdout.join();
      stderr.join();
      exit = judge(code);
      belongings.giveBack();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("what belonged to the container {} was not all cleaned up: {}", spec.id(), e, e);
    } finally {
      ended.countDown();
    }
  }

  private void closeHandle() {
    lock.lock();
    try {
      if (handle != NO_HANDLE) {
        Posix.closeProcess(handle);
        handle = NO_HANDLE;
      }
    } catch (IOException e) {
      log.warn("the handle of the container {} cannot be closed: {}", spec.id(), e.toString());
    } finally {
      lock.unlock();
    }
  }

  private Exit judge(int code) {
    boolean asked;
    boolean byUs;
    lock.lock();
    try {
      asked = stopRequested;
      byUs = killed;
    } finally {
      lock.unlock();
    }
    long peak = cgroup.peakMemoryBytes();
    long kills = cgroup.outOfMemoryKills();
    int limit = spec.resources().memoryMibLimit();
    String bound = limit == 0 ? "this machine's memory" : "its limit of " + limit + " MiB";
    if (kills > 0 && code == KILLED && !byUs) {
      return new Exit(
          code,
          Exit.Cause.OUT_OF_MEMORY,
          peak,
          "The container ran out of memory: the kernel killed it at " + bound + ".");
    }
    if (asked) {
      return new Exit(code, Exit.Cause.STOPPED, peak, "It was stopped on request.");
    }
    String sentence = sentence(code);
    if (kills > 0) {
      sentence +=
          " Before that the kernel killed %d of its processes at %s.".formatted(kills, bound);
    }
    return new Exit(code, Exit.Cause.EXITED, peak, sentence);
  }

  private String sentence(int code) {
    if (code == 0) {
      return "Its process ended by itself.";
    }
    if (code == SIGNAL_BASE - 1) {
      return ("Its process ended with status 127, which says that a command was not found or could"
              + " not be executed; it was started as '%s'.")
          .formatted(String.join(" ", spec.arguments()));
    }
    return code > SIGNAL_BASE
        ? "Its process was ended by signal %d (status %d).".formatted(code - SIGNAL_BASE, code)
        : "Its process ended with status %d.".formatted(code);
  }

  private static int open(long pid) {
    try {
      return Posix.openProcess(pid);
    } catch (IOException e) {
      // It ended already; its exit is about to be seen.
      return NO_HANDLE;
    }
  }

  private static Thread reader(ContainerSpec spec, OutputPump pump) {
    return Thread.ofPlatform()
        .name("output " + spec.id())
        .stackSize(STACK_BYTES)
        .daemon()
        .start(pump);
  }
}
