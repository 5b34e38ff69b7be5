package dev.slipway.launcher.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.rpc.Audience;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.Identification;
import dev.slipway.controlplane.rpc.MetadataKeys;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcServices;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.AppCreateRequest;
import dev.slipway.protocol.modal.AppCreateResponse;
import dev.slipway.protocol.modal.AppGetLogsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.TaskLogsBatch;
import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.ServerHello;
import dev.slipway.protocol.worker.ServerMessage;
import dev.slipway.protocol.worker.WorkerMessage;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The way in for the local worker: who calls, both directions of a stream, and the end.
class LocalDoorTest {
  private static final Caller.Task TASK =
      new Caller.Task(
          new TaskId("ta-1"), new WorkspaceId("ac-1"), new EnvironmentId("en-1"), "main");

  private final AtomicInteger created = new AtomicInteger();
  private final AtomicInteger sent = new AtomicInteger();
  private final CountDownLatch following = new CountDownLatch(1);
  private final CountDownLatch streamEnded = new CountDownLatch(1);
  private final RpcServices services =
      new RpcServices(
          methods(),
          new Identification(
              (id, secret) -> Optional.empty(),
              token ->
                  token.equals("wt-1") ? Optional.of(new Caller.Worker("local")) : Optional.empty(),
              task -> task.equals(TASK.task()) ? Optional.of(TASK) : Optional.empty()));
  private final LocalDoor door = LocalDoor.open(services);

  @AfterEach
  void close() {
    door.close();
    assertThat(services.liveCalls()).isZero();
    assertThat(services.statusViolations()).isZero();
  }

  private Methods methods() {
    Methods methods = new Methods();
    methods
        .once(
            ModalClientGrpc.getAppCreateMethod(),
            (context, request) ->
                AppCreateResponse.newBuilder()
                    .setAppId(context.requireTask().task() + " made " + created.incrementAndGet())
                    .build())
        .stream(
            ModalClientGrpc.getAppGetLogsMethod(),
            (context, request, replies) -> {
              following.countDown();
              try {
                while (true) {
                  replies.send(TaskLogsBatch.getDefaultInstance());
                  sent.incrementAndGet();
                }
              } finally {
                streamEnded.countDown();
              }
            });
    methods
        .openTo(Audience.WORKERS)
        .duplex(
            FleetGrpc.getAttachMethod(),
            (context, requests, replies) -> {
              for (var next = requests.next(); next.isPresent(); next = requests.next()) {
                replies.send(
                    ServerMessage.newBuilder()
                        .setHello(
                            ServerHello.newBuilder()
                                .setServerVersion(next.get().getHello().getWorkerId()))
                        .build());
              }
            });
    return methods;
  }

  @Test
  void knowsTheTaskThatAWorkerRelaysFor() {
    assertThat(create("wt-1", "ta-1", "key-1").getAppId()).isEqualTo("ta-1 made 1");
  }

  @Test
  void answersARepeatedAttemptWithTheFirstReply() {
    assertThat(create("wt-1", "ta-1", "key-1")).isEqualTo(create("wt-1", "ta-1", "key-1"));
    assertThat(create("wt-1", "ta-1", "key-2").getAppId()).isEqualTo("ta-1 made 2");
  }

  @Test
  void refusesWorkersWhereClientsAreMeant() {
    assertStatus(Status.Code.PERMISSION_DENIED, () -> create("wt-1", null, "key"));
    assertStatus(Status.Code.UNAUTHENTICATED, () -> create("wt-2", "ta-1", "key"));
    assertStatus(Status.Code.NOT_FOUND, () -> create("wt-1", "ta-2", "key"));
  }

  @Test
  void talksBothWaysWithAWorker() throws Exception {
    BlockingClientCall<WorkerMessage, ServerMessage> call =
        ClientCalls.blockingBidiStreamingCall(
            channel("wt-1", null, "key"), FleetGrpc.getAttachMethod(), CallOptions.DEFAULT);
    for (String name : new String[] {"one", "two"}) {
      WorkerMessage.Builder message = WorkerMessage.newBuilder();
      message.getHelloBuilder().setWorkerId(name);
      call.write(message.build());
      assertThat(call.read().getHello().getServerVersion()).isEqualTo(name);
    }
    call.halfClose();
    assertThat(call.read()).isNull();
  }

  @Test
  void holdsAStreamBackWhileItsReaderDoesNotRead() throws Exception {
    Iterator<TaskLogsBatch> batches = follow();
    assertThat(batches.hasNext()).isTrue();
    // A reader that asks for nothing more gets a few ahead, never all that could be sent.
    int before = -1;
    while (before != sent.get()) {
      before = sent.get();
      Thread.sleep(100);
    }
    assertThat(sent.get()).isLessThan(10_000);
  }

  @Test
  void namesTheMethodThatNobodyContributed() {
    assertThatThrownBy(() ->
            ClientCalls.blockingUnaryCall(
                channel("wt-1", "ta-1", "key"),
                ModalClientGrpc.getAppStopMethod(),
                CallOptions.DEFAULT,
                dev.slipway.protocol.modal.AppStopRequest.getDefaultInstance()))
        .hasMessageContaining("UNIMPLEMENTED")
        .hasMessageContaining("modal.client.ModalClient/AppStop");
  }

  @Test
  void endsStreamsWhenItCloses() throws Exception {
    Iterator<TaskLogsBatch> batches = follow();
    following.await();
    assertThat(services.drain(Duration.ofSeconds(30))).isTrue();
    assertThat(streamEnded.await(30, TimeUnit.SECONDS)).isTrue();
    assertStatus(
        Status.Code.UNAVAILABLE,
        () -> {
          while (batches.hasNext()) {
            batches.next();
          }
        });
  }

  private Iterator<TaskLogsBatch> follow() {
    return ClientCalls.blockingServerStreamingCall(
        channel("wt-1", "ta-1", "key"),
        ModalClientGrpc.getAppGetLogsMethod(),
        CallOptions.DEFAULT,
        AppGetLogsRequest.getDefaultInstance());
  }

  private AppCreateResponse create(
      String token, @org.jspecify.annotations.Nullable String task, String key) {
    return ClientCalls.blockingUnaryCall(
        channel(token, task, key),
        ModalClientGrpc.getAppCreateMethod(),
        CallOptions.DEFAULT,
        AppCreateRequest.getDefaultInstance());
  }

  private Channel channel(
      String token, @org.jspecify.annotations.Nullable String task, String key) {
    Metadata metadata = new Metadata();
    metadata.put(MetadataKeys.WORKER_TOKEN, token);
    metadata.put(MetadataKeys.IDEMPOTENCY_KEY, key);
    if (task != null) {
      metadata.put(MetadataKeys.TASK_ID, task);
    }
    return ClientInterceptors.intercept(
        door.channel(), MetadataUtils.newAttachHeadersInterceptor(metadata));
  }

  private static void assertStatus(Status.Code code, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
