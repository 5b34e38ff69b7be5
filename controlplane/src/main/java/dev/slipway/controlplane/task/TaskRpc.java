package dev.slipway.controlplane.task;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.InputId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.CancelInputEvent;
import dev.slipway.protocol.modal.ContainerHeartbeatRequest;
import dev.slipway.protocol.modal.ContainerHeartbeatResponse;
import dev.slipway.protocol.modal.ContainerStopRequest;
import dev.slipway.protocol.modal.ContainerStopResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.TaskGetInfoRequest;
import dev.slipway.protocol.modal.TaskGetInfoResponse;
import dev.slipway.protocol.modal.TaskInfo;
import dev.slipway.protocol.modal.TaskListRequest;
import dev.slipway.protocol.modal.TaskListResponse;
import dev.slipway.protocol.modal.TaskResultRequest;
import dev.slipway.protocol.modal.TaskStats;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The edge of tasks: what a container says about itself, and what people ask about containers.
public final class TaskRpc implements RpcModule {
  /// How long a heartbeat is held open; the runner gives up on one after 15 s.
  private static final Duration HEARTBEAT_HOLD = Duration.ofSeconds(13);

  private final Tasks tasks;
  private final TaskLife life;
  private final Apps apps;
  private final Environments environments;
  private final Clock clock;

  public TaskRpc(Tasks tasks, TaskLife life, Apps apps, Environments environments, Clock clock) {
    this.tasks = tasks;
    this.life = life;
    this.apps = apps;
    this.environments = environments;
    this.clock = clock;
  }

  @Override
  public void contribute(Methods methods) {
    methods.unary(ModalClientGrpc.getContainerHelloMethod(), this::hello);
    methods.unary(ModalClientGrpc.getContainerHeartbeatMethod(), this::heartbeat);
    methods.unary(ModalClientGrpc.getTaskResultMethod(), this::result);
    methods.unary(ModalClientGrpc.getContainerStopMethod(), this::stop);
    methods.unary(ModalClientGrpc.getTaskListMethod(), this::list);
    methods.unary(ModalClientGrpc.getTaskGetInfoMethod(), this::info);
  }

  private Task own(RpcContext context) {
    return tasks.requireLive(context.requireTask().task());
  }

  private Empty hello(RpcContext context, Empty request) {
    life.hello(own(context));
    return Empty.getDefaultInstance();
  }

  private ContainerHeartbeatResponse heartbeat(
      RpcContext context, ContainerHeartbeatRequest request) throws InterruptedException {
    Task task = own(context);
    task.heard(clock.instant());
    List<InputId> cancelled = tasks.awaitCancellations(task.id(), HEARTBEAT_HOLD);
    ContainerHeartbeatResponse.Builder response = ContainerHeartbeatResponse.newBuilder();
    if (!cancelled.isEmpty()) {
      CancelInputEvent.Builder event =
          CancelInputEvent.newBuilder().setCancellationReason("the call was cancelled");
      cancelled.forEach(input -> event.addInputIds(input.value()));
      response.setCancelInputEvent(event);
    }
    return response.build();
  }

  private Empty result(RpcContext context, TaskResultRequest request) {
    own(context).startupFailed(request.getResult().toByteArray());
    return Empty.getDefaultInstance();
  }

  private ContainerStopResponse stop(RpcContext context, ContainerStopRequest request) {
    Task task = tasks.require(context.workspace(), new TaskId(request.getTaskId()));
    if (context.task().isPresent() && !context.task().get().task().equals(task.id())) {
      throw new SlipwayException(
          ErrorKind.DENIED, "a container may stop itself, not the container " + task.id());
    }
    life.requested(task, request.getGraceful());
    return ContainerStopResponse.getDefaultInstance();
  }

  private TaskListResponse list(RpcContext context, TaskListRequest request) {
    TaskListResponse.Builder response = TaskListResponse.newBuilder();
    Optional<AppId> wanted =
        request.getAppId().isEmpty()
            ? Optional.empty()
            : Optional.of(apps.require(context.workspace(), new AppId(request.getAppId())).id());
    var environment = environments.require(context, request.getEnvironmentName());
    for (Task task : tasks.listLive()) {
      Optional<App> app = apps.find(task.app());
      boolean matches =
          app.isPresent()
              && app.get().workspace().equals(context.workspace())
              && wanted
                  .map(id -> id.equals(task.app()))
                  .orElseGet(() -> app.get().environment().equals(environment.id()));
      if (matches) {
        response.addTasks(
            TaskStats.newBuilder()
                .setTaskId(task.id().value())
                .setAppId(task.app().value())
                .setAppDescription(app.get().description())
                .setEnqueuedAt(seconds(task.placedAt()))
                .setStartedAt(task.view().startedAt().map(TaskRpc::seconds).orElse(0.0)));
      }
    }
    return response.build();
  }

  private TaskGetInfoResponse info(RpcContext context, TaskGetInfoRequest request) {
    Task task = tasks.require(context.workspace(), new TaskId(request.getTaskId()));
    Task.View view = task.view();
    return TaskGetInfoResponse.newBuilder()
        .setAppId(task.app().value())
        .setInfo(
            TaskInfo.newBuilder()
                .setId(task.id().value())
                .setEnqueuedAt(seconds(task.placedAt()))
                .setStartedAt(view.startedAt().map(TaskRpc::seconds).orElse(0.0))
                .setFinishedAt(view.endedAt().map(TaskRpc::seconds).orElse(0.0)))
        .build();
  }

  private static double seconds(Instant instant) {
    return instant.toEpochMilli() / 1000.0;
  }
}
