package dev.slipway.controlplane.secret;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.object.Creation;
import dev.slipway.controlplane.object.ObjectTranslation;
import dev.slipway.controlplane.object.Owner;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.SecretDeleteRequest;
import dev.slipway.protocol.modal.SecretGetInfoRequest;
import dev.slipway.protocol.modal.SecretGetInfoResponse;
import dev.slipway.protocol.modal.SecretGetOrCreateRequest;
import dev.slipway.protocol.modal.SecretGetOrCreateResponse;
import dev.slipway.protocol.modal.SecretListItem;
import dev.slipway.protocol.modal.SecretListRequest;
import dev.slipway.protocol.modal.SecretListResponse;
import dev.slipway.protocol.modal.SecretMetadata;
import dev.slipway.protocol.modal.SecretUpdateRequest;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The edge of secrets. Nothing that leaves it holds a value.
public final class SecretRpc implements RpcModule {
  private final Secrets secrets;
  private final Apps apps;
  private final Environments environments;
  private final ObjectTranslation translation;

  public SecretRpc(
      Secrets secrets, Apps apps, Environments environments, ObjectTranslation translation) {
    this.secrets = secrets;
    this.apps = apps;
    this.environments = environments;
    this.translation = translation;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .once(ModalClientGrpc.getSecretGetOrCreateMethod(), this::getOrCreate)
        .unary(ModalClientGrpc.getSecretGetInfoMethod(), this::info)
        .unary(ModalClientGrpc.getSecretListMethod(), this::list)
        .once(ModalClientGrpc.getSecretUpdateMethod(), this::update)
        .once(ModalClientGrpc.getSecretDeleteMethod(), this::delete);
  }

  private SecretGetOrCreateResponse getOrCreate(
      RpcContext context, SecretGetOrCreateRequest request) {
    Owner owner;
    Secret secret;
    if (request.getAppId().isEmpty()) {
      owner = translation.owner(context, request.getEnvironmentName());
      secret = getOrCreate(owner, request);
    } else {
      App app = apps.requireActive(context.workspace(), new AppId(request.getAppId()));
      // The app's own environment: old clients do not always name it.
      owner = translation.owner(context, app.environmentName());
      secret = secrets.makeAnonymous(owner, Optional.of(app.id()), request.getEnvDictMap());
    }
    return SecretGetOrCreateResponse.newBuilder()
        .setSecretId(secret.id().value())
        .setMetadata(metadata(secret, owner.environmentName()))
        .build();
  }

  private Secret getOrCreate(Owner owner, SecretGetOrCreateRequest request) {
    String name = request.getDeploymentName();
    Map<String, String> variables = request.getEnvDictMap();
    return switch (request.getObjectCreationType()) {
      case OBJECT_CREATION_TYPE_UNSPECIFIED ->
          secrets.require(owner, name, request.getRequiredKeysList());
      case OBJECT_CREATION_TYPE_CREATE_IF_MISSING ->
          secrets.make(owner, name, Creation.IF_MISSING, variables);
      case OBJECT_CREATION_TYPE_CREATE_FAIL_IF_EXISTS ->
          secrets.make(owner, name, Creation.NEW, variables);
      case OBJECT_CREATION_TYPE_CREATE_OVERWRITE_IF_EXISTS ->
          secrets.overwrite(owner, name, variables);
      case OBJECT_CREATION_TYPE_EPHEMERAL, OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP ->
          secrets.makeAnonymous(owner, Optional.empty(), variables);
      case UNRECOGNIZED ->
          throw new SlipwayException(
              ErrorKind.INVALID,
              "a secret cannot be made in way %d; it is looked up, made if missing, made new, overwritten, or anonymous"
                  .formatted(request.getObjectCreationTypeValue()));
    };
  }

  private SecretGetInfoResponse info(RpcContext context, SecretGetInfoRequest request) {
    Secret secret = secrets.require(context.workspace(), new SecretId(request.getSecretId()));
    String environment =
        environments.require(context.workspace(), secret.object().environment()).name();
    return SecretGetInfoResponse.newBuilder().setMetadata(metadata(secret, environment)).build();
  }

  private SecretListResponse list(RpcContext context, SecretListRequest request) {
    Owner owner = translation.owner(context, request.getEnvironmentName());
    SecretListResponse.Builder response =
        SecretListResponse.newBuilder().setEnvironmentName(owner.environmentName());
    secrets
        .list(
            owner.environment(),
            ObjectTranslation.before(request.getPagination()),
            ObjectTranslation.atMost(request.getPagination()))
        .forEach(secret ->
            response.addItems(
                SecretListItem.newBuilder()
                    .setLabel(secret.object().name().orElse(""))
                    .setCreatedAt(ObjectTranslation.seconds(secret.object().createdAt()))
                    .setLastUsedAt(usedAt(secret))
                    .setEnvironmentName(owner.environmentName())
                    .setSecretId(secret.id().value())
                    .setMetadata(metadata(secret, owner.environmentName()))));
    return response.build();
  }

  private Empty update(RpcContext context, SecretUpdateRequest request) {
    Map<String, Optional<String>> changes = new HashMap<>();
    for (SecretUpdateRequest.Update update : request.getUpdatesList()) {
      changes.put(
          update.getKey(), update.hasValue() ? Optional.of(update.getValue()) : Optional.empty());
    }
    secrets.update(context.workspace(), new SecretId(request.getSecretId()), changes);
    return Empty.getDefaultInstance();
  }

  private Empty delete(RpcContext context, SecretDeleteRequest request) {
    secrets.delete(context.workspace(), new SecretId(request.getSecretId()));
    return Empty.getDefaultInstance();
  }

  private static SecretMetadata metadata(Secret secret, String environment) {
    return SecretMetadata.newBuilder()
        .setName(secret.object().name().orElse(""))
        .setCreationInfo(ObjectTranslation.creationInfo(secret.object()))
        .addAllKeys(secret.names())
        .setEnvironmentName(environment)
        .setLastUsedAt(usedAt(secret))
        .build();
  }

  private static double usedAt(Secret secret) {
    return secret.usedAt().map(ObjectTranslation::seconds).orElse(0.0);
  }
}
