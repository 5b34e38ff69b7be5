package dev.slipway.controlplane.app;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.workspace.Environment;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.AppClientDisconnectRequest;
import dev.slipway.protocol.modal.AppCreateRequest;
import dev.slipway.protocol.modal.AppCreateResponse;
import dev.slipway.protocol.modal.AppDisconnectReason;
import dev.slipway.protocol.modal.AppGetByDeploymentNameRequest;
import dev.slipway.protocol.modal.AppGetByDeploymentNameResponse;
import dev.slipway.protocol.modal.AppGetLifecycleRequest;
import dev.slipway.protocol.modal.AppGetLifecycleResponse;
import dev.slipway.protocol.modal.AppGetOrCreateRequest;
import dev.slipway.protocol.modal.AppGetOrCreateResponse;
import dev.slipway.protocol.modal.AppGetTagsRequest;
import dev.slipway.protocol.modal.AppGetTagsResponse;
import dev.slipway.protocol.modal.AppHandleMetadata;
import dev.slipway.protocol.modal.AppHeartbeatRequest;
import dev.slipway.protocol.modal.AppLifecycle;
import dev.slipway.protocol.modal.AppListRequest;
import dev.slipway.protocol.modal.AppListResponse;
import dev.slipway.protocol.modal.AppPublishRequest;
import dev.slipway.protocol.modal.AppPublishResponse;
import dev.slipway.protocol.modal.AppSetTagsRequest;
import dev.slipway.protocol.modal.AppState;
import dev.slipway.protocol.modal.AppStopRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ObjectCreationType;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// The edge of apps.
public final class AppRpc implements RpcModule {
  private final Apps apps;
  private final Environments environments;
  private final AppAddresses addresses;
  private final RunningTasks runningTasks;
  private final Clock clock;

  public AppRpc(
      Apps apps,
      Environments environments,
      AppAddresses addresses,
      RunningTasks runningTasks,
      Clock clock) {
    this.apps = apps;
    this.environments = environments;
    this.addresses = addresses;
    this.runningTasks = runningTasks;
    this.clock = clock;
  }

  @Override
  public void contribute(Methods methods) {
    methods.once(ModalClientGrpc.getAppCreateMethod(), this::create);
    methods.unary(ModalClientGrpc.getAppHeartbeatMethod(), this::heartbeat);
    methods.once(ModalClientGrpc.getAppPublishMethod(), this::publish);
    methods.unary(ModalClientGrpc.getAppClientDisconnectMethod(), this::clientDisconnect);
    methods.unary(ModalClientGrpc.getAppGetByDeploymentNameMethod(), this::getByDeploymentName);
    methods.once(ModalClientGrpc.getAppGetOrCreateMethod(), this::getOrCreate);
    methods.unary(ModalClientGrpc.getAppListMethod(), this::list);
    methods.unary(ModalClientGrpc.getAppStopMethod(), this::stop);
    methods.unary(ModalClientGrpc.getAppGetLifecycleMethod(), this::lifecycle);
    methods.unary(ModalClientGrpc.getAppSetTagsMethod(), this::setTags);
    methods.unary(ModalClientGrpc.getAppGetTagsMethod(), this::getTags);
  }

  private AppCreateResponse create(RpcContext context, AppCreateRequest request) {
    Environment environment = environments.require(context, request.getEnvironmentName());
    App app =
        apps.create(
            context.workspace(),
            environment.id(),
            environment.name(),
            request.getDescription(),
            state(request.getAppState()).orElse(dev.slipway.controlplane.app.AppState.EPHEMERAL),
            context.clientVersion().toString(),
            request.getTagsMap());
    return AppCreateResponse.newBuilder()
        .setAppId(app.id().value())
        .setAppPageUrl(addresses.page(app.id()))
        .setAppLogsUrl(addresses.page(app.id()))
        .build();
  }

  private Empty heartbeat(RpcContext context, AppHeartbeatRequest request) {
    apps.heartbeat(context.workspace(), new AppId(request.getAppId()));
    return Empty.getDefaultInstance();
  }

  private AppPublishResponse publish(RpcContext context, AppPublishRequest request) {
    App app =
        apps.publish(
            context.workspace(),
            new AppId(request.getAppId()),
            request.getName().isEmpty() ? Optional.empty() : Optional.of(request.getName()),
            state(request.getAppState()),
            request.getFunctionIdsMap(),
            request.getClassIdsMap());
    return AppPublishResponse.newBuilder()
        .setUrl(addresses.page(app.id()))
        // Zero would mean to the client that nothing had changed.
        .setDeployedAt(seconds(app.deployedAt().orElseGet(clock::instant)))
        .build();
  }

  private Empty clientDisconnect(RpcContext context, AppClientDisconnectRequest request) {
    boolean interrupted =
        request.getReason() == AppDisconnectReason.APP_DISCONNECT_REASON_KEYBOARD_INTERRUPT;
    apps.clientLeft(
        context.workspace(),
        new AppId(request.getAppId()),
        interrupted,
        interrupted ? "its client was interrupted" : "its client has left");
    return Empty.getDefaultInstance();
  }

  private AppGetByDeploymentNameResponse getByDeploymentName(
      RpcContext context, AppGetByDeploymentNameRequest request) {
    Environment environment = environments.require(context, request.getEnvironmentName());
    AppGetByDeploymentNameResponse.Builder response =
        AppGetByDeploymentNameResponse.newBuilder().setEnvironmentName(environment.name());
    apps.findDeployed(environment.id(), request.getName())
        .ifPresent(app -> response.setAppId(app.id().value()).setLifecycle(lifecycle(app)));
    return response.build();
  }

  private AppGetOrCreateResponse getOrCreate(RpcContext context, AppGetOrCreateRequest request) {
    Environment environment = environments.require(context, request.getEnvironmentName());
    App app =
        apps.findDeployed(environment.id(), request.getAppName())
            .orElseGet(() -> createDeployed(context, environment, request));
    return AppGetOrCreateResponse.newBuilder()
        .setAppId(app.id().value())
        .setHandleMetadata(handle(app))
        .build();
  }

  private App createDeployed(
      RpcContext context, Environment environment, AppGetOrCreateRequest request) {
    if (request.getObjectCreationType()
        != ObjectCreationType.OBJECT_CREATION_TYPE_CREATE_IF_MISSING) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "There is no app '%s' in environment '%s'"
              .formatted(request.getAppName(), environment.name()));
    }
    App created =
        apps.create(
            context.workspace(),
            environment.id(),
            environment.name(),
            request.getAppName(),
            dev.slipway.controlplane.app.AppState.INITIALIZING,
            context.clientVersion().toString(),
            Map.of());
    return apps.publish(
        context.workspace(),
        created.id(),
        Optional.of(request.getAppName()),
        Optional.empty(),
        Map.of(),
        Map.of());
  }

  private AppListResponse list(RpcContext context, AppListRequest request) {
    Environment environment = environments.require(context, request.getEnvironmentName());
    AppListResponse.Builder response = AppListResponse.newBuilder();
    for (App app : apps.list(environment.id())) {
      response.addApps(
          AppListResponse.AppListItem.newBuilder()
              .setAppId(app.id().value())
              .setDescription(app.name().orElse(app.description()))
              .setName(app.name().orElse(""))
              .setState(wire(app.state()))
              .setCreatedAt(seconds(app.createdAt()))
              .setStoppedAt(app.stoppedAt().map(AppRpc::seconds).orElse(0.0))
              .setNRunningTasks(runningTasks.count(app.id()))
              .setMetadata(handle(app)));
    }
    return response.build();
  }

  private Empty stop(RpcContext context, AppStopRequest request) {
    apps.stop(context.workspace(), new AppId(request.getAppId()), false, "it was told to stop");
    return Empty.getDefaultInstance();
  }

  private AppGetLifecycleResponse lifecycle(RpcContext context, AppGetLifecycleRequest request) {
    App app = apps.require(context.workspace(), new AppId(request.getAppId()));
    return AppGetLifecycleResponse.newBuilder().setLifecycle(lifecycle(app)).build();
  }

  private Empty setTags(RpcContext context, AppSetTagsRequest request) {
    apps.setTags(context.workspace(), new AppId(request.getAppId()), request.getTagsMap());
    return Empty.getDefaultInstance();
  }

  private AppGetTagsResponse getTags(RpcContext context, AppGetTagsRequest request) {
    App app = apps.require(context.workspace(), new AppId(request.getAppId()));
    return AppGetTagsResponse.newBuilder().putAllTags(app.tags()).build();
  }

  private static AppHandleMetadata handle(App app) {
    return AppHandleMetadata.newBuilder()
        .setAppId(app.id().value())
        .setDescription(app.description())
        .setEnvironmentName(app.environmentName())
        .setLifecycle(lifecycle(app))
        .putAllFunctions(app.functionIds())
        .build();
  }

  private static AppLifecycle lifecycle(App app) {
    return AppLifecycle.newBuilder()
        .setAppState(wire(app.state()))
        .setCreatedAt(seconds(app.createdAt()))
        .setDeployedAt(app.deployedAt().map(AppRpc::seconds).orElse(0.0))
        .setStoppedAt(app.stoppedAt().map(AppRpc::seconds).orElse(0.0))
        .setVersion(app.version())
        .build();
  }

  private static Optional<dev.slipway.controlplane.app.AppState> state(AppState wire) {
    return switch (wire) {
      case APP_STATE_EPHEMERAL -> Optional.of(dev.slipway.controlplane.app.AppState.EPHEMERAL);
      case APP_STATE_DETACHED -> Optional.of(dev.slipway.controlplane.app.AppState.DETACHED);
      case APP_STATE_DEPLOYED -> Optional.of(dev.slipway.controlplane.app.AppState.DEPLOYED);
      case APP_STATE_INITIALIZING ->
          Optional.of(dev.slipway.controlplane.app.AppState.INITIALIZING);
      case APP_STATE_UNSPECIFIED -> Optional.empty();
      case APP_STATE_STOPPING,
          APP_STATE_STOPPED,
          APP_STATE_DISABLED,
          APP_STATE_DETACHED_DISCONNECTED,
          APP_STATE_DERIVED,
          UNRECOGNIZED ->
          throw new SlipwayException(
              ErrorKind.INVALID, "an app cannot be put into the state " + wire + " by a client");
    };
  }

  private static AppState wire(dev.slipway.controlplane.app.AppState state) {
    return switch (state) {
      case INITIALIZING -> AppState.APP_STATE_INITIALIZING;
      case EPHEMERAL -> AppState.APP_STATE_EPHEMERAL;
      case DETACHED -> AppState.APP_STATE_DETACHED;
      case DETACHED_DISCONNECTED -> AppState.APP_STATE_DETACHED_DISCONNECTED;
      case DEPLOYED -> AppState.APP_STATE_DEPLOYED;
      case STOPPED -> AppState.APP_STATE_STOPPED;
    };
  }

  private static double seconds(Instant instant) {
    return instant.toEpochMilli() / 1000.0;
  }
}
