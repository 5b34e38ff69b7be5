package dev.slipway.controlplane.workspace;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.EnvironmentCreateRequest;
import dev.slipway.protocol.modal.EnvironmentDeleteRequest;
import dev.slipway.protocol.modal.EnvironmentGetOrCreateRequest;
import dev.slipway.protocol.modal.EnvironmentGetOrCreateResponse;
import dev.slipway.protocol.modal.EnvironmentListItem;
import dev.slipway.protocol.modal.EnvironmentListResponse;
import dev.slipway.protocol.modal.EnvironmentMetadata;
import dev.slipway.protocol.modal.EnvironmentSettings;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ObjectCreationType;

/// The edge of environments.
public final class EnvironmentRpc implements RpcModule {
  private final Environments environments;
  private final BuilderVersions versions;

  public EnvironmentRpc(Environments environments, BuilderVersions versions) {
    this.environments = environments;
    this.versions = versions;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .once(ModalClientGrpc.getEnvironmentGetOrCreateMethod(), this::getOrCreate)
        .unary(ModalClientGrpc.getEnvironmentListMethod(), this::list)
        .once(ModalClientGrpc.getEnvironmentCreateMethod(), this::create)
        .once(ModalClientGrpc.getEnvironmentDeleteMethod(), this::delete);
  }

  private EnvironmentGetOrCreateResponse getOrCreate(
      RpcContext context, EnvironmentGetOrCreateRequest request) {
    String name = request.getDeploymentName();
    Environment environment =
        switch (request.getObjectCreationType()) {
          case OBJECT_CREATION_TYPE_UNSPECIFIED -> environments.require(context, name);
          case OBJECT_CREATION_TYPE_CREATE_IF_MISSING -> findOrCreate(context, name);
          case OBJECT_CREATION_TYPE_CREATE_FAIL_IF_EXISTS ->
              environments.create(context.workspace(), name, "");
          case OBJECT_CREATION_TYPE_CREATE_OVERWRITE_IF_EXISTS,
              OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP,
              OBJECT_CREATION_TYPE_EPHEMERAL,
              UNRECOGNIZED ->
              throw notForEnvironments(request);
        };
    return EnvironmentGetOrCreateResponse.newBuilder()
        .setEnvironmentId(environment.id().value())
        .setMetadata(metadata(context, environment))
        .build();
  }

  private Environment findOrCreate(RpcContext context, String name) {
    if (name.isEmpty()) {
      return environments.require(context, name);
    }
    return environments
        .find(context.workspace(), name)
        .orElseGet(() -> {
          try {
            return environments.create(context.workspace(), name, "");
          } catch (SlipwayException e) {
            if (e.kind() != ErrorKind.EXISTS) {
              throw e;
            }
            // Somebody else was faster, which is as good.
            return environments.require(context.workspace(), name);
          }
        });
  }

  private static SlipwayException notForEnvironments(EnvironmentGetOrCreateRequest request) {
    return new SlipwayException(
        ErrorKind.INVALID,
        "Environments cannot be asked for with "
            + request.getObjectCreationType()
            + "; expected "
            + ObjectCreationType.OBJECT_CREATION_TYPE_CREATE_IF_MISSING
            + " or none");
  }

  private EnvironmentMetadata metadata(RpcContext context, Environment environment) {
    return EnvironmentMetadata.newBuilder()
        .setName(environment.name())
        .setSettings(
            EnvironmentSettings.newBuilder()
                .setImageBuilderVersion(versions.of(context, environment))
                .setWebhookSuffix(environment.webSuffix()))
        .build();
  }

  private EnvironmentListResponse list(RpcContext context, Empty request) {
    EnvironmentListResponse.Builder response = EnvironmentListResponse.newBuilder();
    for (Environment environment : environments.list(context.workspace())) {
      response.addItems(
          EnvironmentListItem.newBuilder()
              .setName(environment.name())
              .setEnvironmentId(environment.id().value())
              .setWebhookSuffix(environment.webSuffix())
              .setDefault(environment.isDefault())
              .setImageBuilderVersion(versions.of(environment))
              .setCreatedAt(environment.createdAt().toEpochMilli() / 1000.0));
    }
    return response.build();
  }

  private Empty create(RpcContext context, EnvironmentCreateRequest request) {
    environments.create(
        context.workspace(), request.getName(), request.getSettings().getImageBuilderVersion());
    return Empty.getDefaultInstance();
  }

  private Empty delete(RpcContext context, EnvironmentDeleteRequest request) {
    if (request.getName().isEmpty()) {
      throw new SlipwayException(
          ErrorKind.INVALID, "EnvironmentDelete needs the name of the environment to delete");
    }
    environments.delete(context.workspace(), request.getName());
    return Empty.getDefaultInstance();
  }
}
