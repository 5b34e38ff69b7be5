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
import dev.slipway.protocol.modal.AppHeartbeatRequest;
import dev.slipway.protocol.modal.AppListRequest;
import dev.slipway.protocol.modal.AppListResponse;
import dev.slipway.protocol.modal.AppSetTagsRequest;
import dev.slipway.protocol.modal.AppStopRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ObjectCreationType;
import java.util.Map;
import java.util.Optional;

/// The edge of apps.
public final class AppRpc implements RpcModule {
  private final Apps apps;
  private final Deployments deployments;
  private final DeploymentNotes notes;
  private final Environments environments;
  private final AppAddresses addresses;
  private final RunningTasks runningTasks;

  public AppRpc(
      Apps apps,
      Deployments deployments,
      DeploymentNotes notes,
      Environments environments,
      AppAddresses addresses,
      RunningTasks runningTasks) {
    this.apps = apps;
    this.deployments = deployments;
    this.notes = notes;
    this.environments = environments;
    this.addresses = addresses;
    this.runningTasks = runningTasks;
  }

  @Override
  public void contribute(Methods methods) {
    methods.once(ModalClientGrpc.getAppCreateMethod(), this::create);
    methods.unary(ModalClientGrpc.getAppHeartbeatMethod(), this::heartbeat);
    methods.once(ModalClientGrpc.getAppClientDisconnectMethod(), this::clientDisconnect);
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
    AppState state = AppTranslation.state(request.getAppState()).orElse(AppState.EPHEMERAL);
    App app =
        state == AppState.INITIALIZING
            ? toDeploy(context, environment, request.getDescription(), request.getTagsMap())
            : apps.create(
                context.workspace(),
                environment.id(),
                environment.name(),
                request.getDescription(),
                state,
                context.clientVersion().toString(),
                request.getTagsMap());
    return AppCreateResponse.newBuilder()
        .setAppId(app.id().value())
        .setAppPageUrl(addresses.page(app.id()))
        .setAppLogsUrl(addresses.page(app.id()))
        .build();
  }

  private App toDeploy(
      RpcContext context, Environment environment, String name, Map<String, String> tags) {
    return apps.createToDeploy(
        context.workspace(),
        environment.id(),
        environment.name(),
        name,
        context.clientVersion().toString(),
        tags);
  }

  private Empty heartbeat(RpcContext context, AppHeartbeatRequest request) {
    apps.heartbeat(context.workspace(), new AppId(request.getAppId()));
    return Empty.getDefaultInstance();
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
    Optional<App> deployed = apps.findDeployed(environment.id(), request.getName());
    Optional<App> known = deployed.or(() -> apps.findStopped(environment.id(), request.getName()));
    deployed.ifPresent(app -> response.setAppId(app.id().value()));
    known.ifPresent(app -> response.setLifecycle(AppTranslation.lifecycle(app)));
    if (deployed.isEmpty()) {
      known.ifPresent(app -> response.setPreviousAppId(app.id().value()));
    }
    return response.build();
  }

  private AppGetOrCreateResponse getOrCreate(RpcContext context, AppGetOrCreateRequest request) {
    Environment environment = environments.require(context, request.getEnvironmentName());
    App app =
        apps.findDeployed(environment.id(), request.getAppName())
            .orElseGet(() -> createDeployed(context, environment, request));
    return AppGetOrCreateResponse.newBuilder()
        .setAppId(app.id().value())
        .setHandleMetadata(AppTranslation.handle(app))
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
    App created = toDeploy(context, environment, request.getAppName(), Map.of());
    return deployments.deployEmpty(
        context.workspace(),
        created.id(),
        request.getAppName(),
        notes.of(context, "", Optional.empty()));
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
              .setState(AppTranslation.wire(app.state()))
              .setCreatedAt(AppTranslation.seconds(app.createdAt()))
              .setStoppedAt(app.stoppedAt().map(AppTranslation::seconds).orElse(0.0))
              .setNRunningTasks(runningTasks.count(app.id()))
              .setMetadata(AppTranslation.handle(app)));
    }
    return response.build();
  }

  private Empty stop(RpcContext context, AppStopRequest request) {
    apps.stop(context.workspace(), new AppId(request.getAppId()), false, "it was told to stop");
    return Empty.getDefaultInstance();
  }

  private AppGetLifecycleResponse lifecycle(RpcContext context, AppGetLifecycleRequest request) {
    App app = apps.require(context.workspace(), new AppId(request.getAppId()));
    return AppGetLifecycleResponse.newBuilder().setLifecycle(AppTranslation.lifecycle(app)).build();
  }

  private Empty setTags(RpcContext context, AppSetTagsRequest request) {
    apps.setTags(context.workspace(), new AppId(request.getAppId()), request.getTagsMap());
    return Empty.getDefaultInstance();
  }

  private AppGetTagsResponse getTags(RpcContext context, AppGetTagsRequest request) {
    App app = apps.require(context.workspace(), new AppId(request.getAppId()));
    return AppGetTagsResponse.newBuilder().putAllTags(app.tags()).build();
  }
}
