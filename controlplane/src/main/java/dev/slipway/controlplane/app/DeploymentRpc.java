package dev.slipway.controlplane.app;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.AppDeploymentHistory;
import dev.slipway.protocol.modal.AppDeploymentHistoryRequest;
import dev.slipway.protocol.modal.AppDeploymentHistoryResponse;
import dev.slipway.protocol.modal.AppPromoteRequest;
import dev.slipway.protocol.modal.AppPromoteResponse;
import dev.slipway.protocol.modal.AppPublishRequest;
import dev.slipway.protocol.modal.AppPublishResponse;
import dev.slipway.protocol.modal.AppRollbackRequest;
import dev.slipway.protocol.modal.AppRollbackResponse;
import dev.slipway.protocol.modal.AppRolloverRequest;
import dev.slipway.protocol.modal.AppRolloverResponse;
import dev.slipway.protocol.modal.CommitInfo;
import dev.slipway.protocol.modal.DeploymentType;
import dev.slipway.protocol.modal.ModalClientGrpc;
import java.time.Clock;
import java.util.Optional;

/// The edge of publishing: new versions, earlier ones, and their history.
public final class DeploymentRpc implements RpcModule {
  /// Zero would tell the client that nothing had changed.
  private static final double UNCHANGED = 0;

  private final Apps apps;
  private final Deployments deployments;
  private final DeploymentNotes notes;
  private final AppAddresses addresses;
  private final Clock clock;

  public DeploymentRpc(
      Apps apps,
      Deployments deployments,
      DeploymentNotes notes,
      AppAddresses addresses,
      Clock clock) {
    this.apps = apps;
    this.deployments = deployments;
    this.notes = notes;
    this.addresses = addresses;
    this.clock = clock;
  }

  @Override
  public void contribute(Methods methods) {
    methods.once(ModalClientGrpc.getAppPublishMethod(), this::publish);
    methods.unary(ModalClientGrpc.getAppDeploymentHistoryMethod(), this::history);
    methods.once(ModalClientGrpc.getAppRollbackMethod(), this::rollback);
    methods.once(ModalClientGrpc.getAppRolloverMethod(), this::rollover);
    methods.once(ModalClientGrpc.getAppPromoteMethod(), this::promote);
  }

  private AppPublishResponse publish(RpcContext context, AppPublishRequest request) {
    AppId id = new AppId(request.getAppId());
    Publication asked =
        new Publication(
            request.getFunctionIdsMap(), request.getClassIdsMap(), request.getDefinitionIdsMap());
    if (request.getName().isEmpty()) {
      deployments.publish(
          context.workspace(), id, AppTranslation.state(request.getAppState()), asked);
      return AppPublishResponse.newBuilder()
          .setUrl(addresses.page(id))
          .setDeployedAt(AppTranslation.seconds(clock.instant()))
          .build();
    }
    Optional<byte[]> commit =
        request.hasCommitInfo()
            ? Optional.of(request.getCommitInfo().toByteArray())
            : Optional.empty();
    Deployments.Outcome outcome =
        deployments.deploy(
            context.workspace(),
            id,
            asked,
            new Deployments.Deploy(
                request.getName(),
                notes.of(context, request.getDeploymentTag(), commit),
                request.getStaged(),
                request.getTagsMap()));
    return AppPublishResponse.newBuilder()
        .setUrl(addresses.page(id))
        .setDeployedAt(deployedAt(outcome))
        .build();
  }

  private AppRollbackResponse rollback(RpcContext context, AppRollbackRequest request) {
    if (request.getVersion() == 0) {
      throw new SlipwayException(
          ErrorKind.INVALID, "a rollback names a version, from 1, or how many to go back");
    }
    Deployments.Outcome outcome =
        deployments.rollback(
            context.workspace(),
            new AppId(request.getAppId()),
            request.getVersion(),
            note(context));
    return AppRollbackResponse.newBuilder()
        .setUrl(addresses.page(outcome.app().id()))
        .setDeployedAt(deployedAt(outcome))
        .build();
  }

  private AppRolloverResponse rollover(RpcContext context, AppRolloverRequest request) {
    Deployments.Outcome outcome =
        deployments.rollover(context.workspace(), new AppId(request.getAppId()), note(context));
    return AppRolloverResponse.newBuilder()
        .setUrl(addresses.page(outcome.app().id()))
        .setDeployedAt(deployedAt(outcome))
        .build();
  }

  private AppPromoteResponse promote(RpcContext context, AppPromoteRequest request) {
    Deployments.Outcome outcome =
        deployments.promote(
            context.workspace(),
            new AppId(request.getAppId()),
            request.getVersion(),
            note(context));
    return AppPromoteResponse.newBuilder()
        .setUrl(addresses.page(outcome.app().id()))
        .setDeployedAt(deployedAt(outcome))
        .build();
  }

  private AppDeploymentHistoryResponse history(
      RpcContext context, AppDeploymentHistoryRequest request) {
    App app = apps.require(context.workspace(), new AppId(request.getAppId()));
    AppDeploymentHistoryResponse.Builder response =
        AppDeploymentHistoryResponse.newBuilder().setProductionAppVersion(app.version());
    deployments
        .list(context.workspace(), app.id())
        .forEach(deployment -> response.addAppDeploymentHistories(item(app, deployment)));
    return response.build();
  }

  private static AppDeploymentHistory item(App app, Deployment deployment) {
    AppDeploymentHistory.Builder item =
        AppDeploymentHistory.newBuilder()
            .setAppId(app.id().value())
            .setVersion(deployment.version())
            .setClientVersion(deployment.clientVersion())
            .setDeployedAt(AppTranslation.seconds(deployment.deployedAt()))
            .setDeployedBy(deployment.deployedBy())
            .setTag(deployment.tag())
            .setRollbackAllowed(
                deployment.version() != app.version() && deployment.kind() != DeploymentKind.STAGED)
            .setDeploymentType(kind(deployment.kind()));
    deployment.source().ifPresent(item::setRollbackVersion);
    deployment.commit().map(DeploymentRpc::commit).ifPresent(item::setCommitInfo);
    return item.build();
  }

  private static CommitInfo commit(byte[] stored) {
    try {
      return CommitInfo.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS, "what was noted about a deployed commit cannot be read", e);
    }
  }

  private static DeploymentType kind(DeploymentKind kind) {
    return switch (kind) {
      case STANDARD -> DeploymentType.DEPLOYMENT_TYPE_STANDARD;
      case ROLLBACK -> DeploymentType.DEPLOYMENT_TYPE_ROLLBACK;
      case ROLLOVER -> DeploymentType.DEPLOYMENT_TYPE_ROLLOVER;
      case PROMOTION -> DeploymentType.DEPLOYMENT_TYPE_PROMOTION;
      case STAGED -> DeploymentType.DEPLOYMENT_TYPE_STAGED;
    };
  }

  private Deployment.Note note(RpcContext context) {
    return notes.of(context, "", Optional.empty());
  }

  private double deployedAt(Deployments.Outcome outcome) {
    return outcome.changed()
        ? AppTranslation.seconds(outcome.app().deployedAt().orElseGet(clock::instant))
        : UNCHANGED;
  }
}
