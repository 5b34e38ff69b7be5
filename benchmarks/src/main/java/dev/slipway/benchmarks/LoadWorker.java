package dev.slipway.benchmarks;

import dev.slipway.protocol.modal.FunctionGetInputsItem;
import dev.slipway.protocol.modal.FunctionGetInputsRequest;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsItem;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.GenericResult;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
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
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// A worker without containers: it joins a server as any other does, says that every image is built
/// and every container started, and answers the containers' inputs itself, each with its arguments.
/// What it leaves out is all that is not the server: interpreters, namespaces, the user's code.
final class LoadWorker implements AutoCloseable {
  private static final String ID = "load-generator";
  private static final int MILLI_CPU = 64_000;
  private static final int MEMORY_MIB = 256 << 10;

  private static final Metadata.Key<String> TOKEN = key("slipway-worker-token");
  private static final Metadata.Key<String> WORKER = key("slipway-worker-id");
  private static final Metadata.Key<String> TASK = key("slipway-task-id");
  private static final Metadata.Key<String> CLIENT_VERSION = key("x-modal-client-version");
  private static final Metadata.Key<String> CLIENT_TYPE = key("x-modal-client-type");
  private static final String CONTAINER = "4";

  private final Channel channel;
  private final String token;
  private final int questionsPerTask;
  private final Gate gate;
  private final StreamObserver<WorkerMessage> line;
  private final Set<String> tasks = ConcurrentHashMap.newKeySet();
  private final LongAdder answered = new LongAdder();
  private volatile boolean closed;

  /// @param token that the server lets workers in with
  /// @param questionsPerTask how many questions for inputs one container has open at a time
  /// @param gate while it is shut, containers keep the inputs that they have and ask for no more
  LoadWorker(Channel channel, String token, int questionsPerTask, Gate gate) {
    this.channel = channel;
    this.token = token;
    this.questionsPerTask = questionsPerTask;
    this.gate = gate;
    Metadata identity = new Metadata();
    identity.put(TOKEN, token);
    identity.put(WORKER, ID);
    this.line =
        FleetGrpc.newStub(with(identity))
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

  /// Inputs whose outputs the server has acknowledged.
  long answered() {
    return answered.sum();
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private Channel with(Metadata headers) {
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
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
      case HELLO, CANCEL_BUILD, MESSAGE_NOT_SET -> {}
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
    Metadata headers = new Metadata();
    headers.put(TOKEN, token);
    headers.put(TASK, task);
    headers.put(CLIENT_VERSION, LoadClient.VERSION);
    headers.put(CLIENT_TYPE, CONTAINER);
    ModalClientBlockingStub container = ModalClientGrpc.newBlockingStub(with(headers));
    Thread.startVirtualThread(() -> {
      container.containerHello(com.google.protobuf.Empty.getDefaultInstance());
      for (int i = 0; i < questionsPerTask; i++) {
        Thread.startVirtualThread(() -> serve(task, container));
      }
    });
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

  private void serve(String task, ModalClientBlockingStub container) {
    try {
      while (!closed && tasks.contains(task)) {
        FunctionGetInputsResponse response =
            container.functionGetInputs(FunctionGetInputsRequest.getDefaultInstance());
        FunctionPutOutputsRequest outputs = answer(response);
        if (outputs == null) {
          return;
        }
        gate.pass();
        if (outputs.getOutputsCount() > 0) {
          container.functionPutOutputs(outputs);
          answered.add(outputs.getOutputsCount());
        }
      }
    } catch (StatusRuntimeException e) {
      boolean over = closed || e.getStatus().getCode() == Status.Code.NOT_FOUND;
      if (!over) {
        System.err.println("slipway: a container of the load generator failed: " + e.getStatus());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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

  @Override
  public void close() {
    closed = true;
    synchronized (line) {
      line.onCompleted();
    }
  }
}
