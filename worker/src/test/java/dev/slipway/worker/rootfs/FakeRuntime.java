package dev.slipway.worker.rootfs;

import dev.slipway.worker.container.ContainerRuntime;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.container.OutputSink;
import dev.slipway.worker.container.RunningContainer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/// Runs a piece of Java instead of a container's process.
public final class FakeRuntime implements ContainerRuntime {
  /// What stands for the container's process.
  public interface Program {
    /// @return the exit code
    int run(ContainerSpec spec, OutputSink output) throws IOException, InterruptedException;
  }

  private final Program program;
  private final List<ContainerSpec> started = new CopyOnWriteArrayList<>();

  public FakeRuntime(Program program) {
    this.program = program;
  }

  /// What was started, in order.
  public List<ContainerSpec> started() {
    return List.copyOf(started);
  }

  @Override
  public RunningContainer run(ContainerSpec spec, OutputSink output) throws InterruptedException {
    started.add(spec);
    if (spec.arguments().getLast().equals("forever")) {
      return new Endless(spec.id());
    }
    int code;
    try {
      code = program.run(spec, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new RunningContainer() {
      @Override
      public String id() {
        return spec.id();
      }

      @Override
      public void interrupt() {}

      @Override
      public void kill() {}

      @Override
      public Exit waitForExit() {
        return new Exit(code, Exit.Cause.EXITED, 0, "it ended with " + code);
      }
    };
  }

  /// A program that ends when it is killed, and not before.
  private record Endless(String id, CountDownLatch killed) implements RunningContainer {
    Endless(String id) {
      this(id, new CountDownLatch(1));
    }

    @Override
    public void interrupt() {}

    @Override
    public void kill() {
      killed.countDown();
    }

    @Override
    public Exit waitForExit() throws InterruptedException {
      killed.await();
      return new Exit(137, Exit.Cause.EXITED, 0, "it was killed");
    }
  }
}
