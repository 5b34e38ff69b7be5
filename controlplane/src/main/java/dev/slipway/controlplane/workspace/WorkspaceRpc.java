package dev.slipway.controlplane.workspace;

import com.google.protobuf.Empty;
import com.google.protobuf.Timestamp;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.AuthTokenGetRequest;
import dev.slipway.protocol.modal.AuthTokenGetResponse;
import dev.slipway.protocol.modal.ClientHelloResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.TokenInfoGetRequest;
import dev.slipway.protocol.modal.TokenInfoGetResponse;
import dev.slipway.protocol.modal.UserIdentity;
import dev.slipway.protocol.modal.WorkspaceNameLookupResponse;

/// The edge of workspaces: greeting, names, tokens.
public final class WorkspaceRpc implements RpcModule {
  private final Workspaces workspaces;
  private final Environments environments;
  private final Tokens tokens;
  private final AuthTokens authTokens;
  private final BuilderVersions versions;

  public WorkspaceRpc(
      Workspaces workspaces,
      Environments environments,
      Tokens tokens,
      AuthTokens authTokens,
      BuilderVersions versions) {
    this.workspaces = workspaces;
    this.environments = environments;
    this.tokens = tokens;
    this.authTokens = authTokens;
    this.versions = versions;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .unary(ModalClientGrpc.getClientHelloMethod(), this::hello)
        .unary(ModalClientGrpc.getWorkspaceNameLookupMethod(), this::name)
        .unary(ModalClientGrpc.getAuthTokenGetMethod(), this::authToken)
        .unary(ModalClientGrpc.getTokenInfoGetMethod(), this::tokenInfo);
  }

  private ClientHelloResponse hello(RpcContext context, Empty request) {
    Environment environment = environments.require(context, "");
    return ClientHelloResponse.newBuilder()
        .setImageBuilderVersion(versions.of(context, environment))
        .build();
  }

  private WorkspaceNameLookupResponse name(RpcContext context, Empty request) {
    String name = workspaces.require(context.workspace()).name();
    return WorkspaceNameLookupResponse.newBuilder()
        .setWorkspaceName(name)
        .setUsername(name)
        .build();
  }

  private AuthTokenGetResponse authToken(RpcContext context, AuthTokenGetRequest request) {
    return AuthTokenGetResponse.newBuilder().setToken(authTokens.mint(context.workspace())).build();
  }

  private TokenInfoGetResponse tokenInfo(RpcContext context, TokenInfoGetRequest request) {
    if (!(context.caller() instanceof Caller.Client client)) {
      throw new SlipwayException(
          ErrorKind.CONFLICT, "A container has no token, so there is nothing to say about one");
    }
    Token token =
        tokens
            .find(client.tokenId())
            .orElseThrow(() ->
                new SlipwayException(
                    ErrorKind.NOT_FOUND, "Token '" + client.tokenId() + "' is gone"));
    Workspace workspace = workspaces.require(client.workspace());
    return TokenInfoGetResponse.newBuilder()
        .setTokenId(token.id())
        .setTokenName(token.name())
        .setWorkspaceId(workspace.id().value())
        .setWorkspaceName(workspace.name())
        .setUserIdentity(UserIdentity.newBuilder().setUsername(workspace.name()))
        .setCreatedAt(
            Timestamp.newBuilder()
                .setSeconds(token.createdAt().getEpochSecond())
                .setNanos(token.createdAt().getNano()))
        .build();
  }
}
