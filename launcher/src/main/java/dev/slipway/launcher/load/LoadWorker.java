package dev.slipway.launcher.load;

import dev.slipway.protocol.modal.FunctionGetInputsItem;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsItem;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.GenericResult;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.BuiltImage;
import dev.slipway.protocol.worker.Capacity;
import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.ImageConfig;
import dev.slipway.protocol.worker.ServerMessage;
import dev.slipway.protocol.worker.TaskExited;
import dev.slipway.protocol.worker.TaskStarted;
import dev.slipway.protocol.worker.WorkerHello;
import dev.slipway.protocol.worker.WorkerMessage;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A worker without containers: it joins a server as any other does, says that every image is built
/// and every container started, and answers the containers' inputs itself, each with its arguments.
/// What it leaves out is all that is not the server: interpreters, namespaces, the user's code.
public final class LoadWorker implements AutoCloseable {
  /// The name that it joins by.
  public static final String ID = "load-generator";

  private static final int MILLI_CPU = 64_000;
  private static final Duration END_AT_MOST = Duration.ofSeconds(5);
  private static final int MEMORY_MIB = 256 << 10;

  private final Containers containers;
  private final Gate gate;
  private final StreamObserver<WorkerMessage> line;
  private final Set<String> tasks = ConcurrentHashMap.newKeySet();
  private final Set<Thread> serving = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /// @param channel to the server, with the credentials of a worker of this [#ID]
  /// @param containers the containers' way to the platform
  /// @param gate while it is shut, containers keep the inputs that they have and ask for no more
  public LoadWorker(Channel channel, Containers containers, Gate gate) {
    this.containers = containers;
    this.gate = gate;
    this.line =
        FleetGrpc.newStub(channel)
            .attach(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerMessage message) {
                    receive(message);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    if (!closed) {
                      System.err.println(
                          "slipway: the line of the load generator broke: " + failure);
                    }
                  }

                  @Override
                  public void onCompleted() {}
                });
    report(
        WorkerMessage.newBuilder()
            .setHello(
                WorkerHello.newBuilder()
                    .setWorkerId(ID)
                    .setCapacity(
                        Capacity.newBuilder().setMilliCpu(MILLI_CPU).setMemoryMb(MEMORY_MIB))));
  }

  private void report(WorkerMessage.Builder message) {
    synchronized (line) {
      line.onNext(message.build());
    }
  }

  private void receive(ServerMessage message) {
    switch (message.getMessageCase()) {
      case START_TASK -> started(message.getStartTask().getTaskId());
      case STOP_TASK -> stopped(message.getStopTask().getTaskId());
      case START_BUILD -> built(message.getStartBuild().getBuildId());
      case HELLO, CANCEL_BUILD, LIST_HOLDINGS, REMOVE_HOLDINGS, MESSAGE_NOT_SET -> {}
    }
  }

  private void built(String build) {
    report(
        WorkerMessage.newBuilder()
            .setBuildFinished(
                BuildFinished.newBuilder()
                    .setBuildId(build)
                    .setBuilt(
                        BuiltImage.newBuilder()
                            .setConfig(ImageConfig.getDefaultInstance())
                            .setPythonVersionInfo("Python 3.11.0"))));
  }

  private void started(String task) {
    tasks.add(task);
    long now = System.currentTimeMillis();
    report(
        WorkerMessage.newBuilder()
            .setTaskStarted(
                TaskStarted.newBuilder()
                    .setTaskId(task)
                    .setReceivedAtMs(now)
                    .setRootfsReadyAtMs(now)
                    .setProcessStartedAtMs(now)));
    serving.add(Thread.startVirtualThread(() -> serve(task)));
  }

  private void stopped(String task) {
    if (tasks.remove(task)) {
      report(
          WorkerMessage.newBuilder()
              .setTaskExited(
                  TaskExited.newBuilder()
                      .setTaskId(task)
                      .setCause(TaskExited.Cause.CAUSE_STOPPED)));
    }
  }

  private void serve(String task) {
    try (Containers.Container container = containers.open(task)) {
      container.hello();
      while (!closed && tasks.contains(task)) {
        FunctionPutOutputsRequest outputs = answer(container.getInputs());
        if (outputs == null) {
          return;
        }
        gate.pass();
        if (outputs.getOutputsCount() > 0) {
          container.putOutputs(outputs);
        }
      }
    } catch (StatusRuntimeException | UncheckedIOException e) {
      boolean gone =
          e instanceof StatusRuntimeException known
              && known.getStatus().getCode() == Status.Code.NOT_FOUND;
      if (!closed && !gone) {
        System.err.println("slipway: a container of the load generator failed: " + e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      serving.remove(Thread.currentThread());
    }
  }

  /// The outputs of these inputs; null when the container is told to end.
  private static @Nullable FunctionPutOutputsRequest answer(FunctionGetInputsResponse inputs) {
    FunctionPutOutputsRequest.Builder outputs = FunctionPutOutputsRequest.newBuilder();
    for (FunctionGetInputsItem item : inputs.getInputsList()) {
      if (item.getKillSwitch()) {
        return null;
      }
      outputs.addOutputs(
          FunctionPutOutputsItem.newBuilder()
              .setInputId(item.getInputId())
              .setRetryCount(item.getRetryCount())
              .setDataFormat(item.getInput().getDataFormat())
              .setResult(
                  GenericResult.newBuilder()
                      .setStatus(GenericResult.GenericStatus.GENERIC_STATUS_SUCCESS)
                      .setData(item.getInput().getArgs())));
    }
    return outputs.build();
  }

  /// Leaves the server, once its containers have ended as they were told to.
  @Override
  public void close() {
    closed = true;
    try {
      for (Thread container : serving) {
        container.join(END_AT_MOST);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (line) {
      line.onCompleted();
    }
  }
}
