package dev.slipway.controlplane.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.slipway.controlplane.rpc.Identification;
import dev.slipway.controlplane.rpc.MetadataKeys;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcServices;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.IdSource;
import dev.slipway.protocol.modal.AuthTokenGetRequest;
import dev.slipway.protocol.modal.EnvironmentCreateRequest;
import dev.slipway.protocol.modal.EnvironmentDeleteRequest;
import dev.slipway.protocol.modal.EnvironmentGetOrCreateRequest;
import dev.slipway.protocol.modal.EnvironmentGetOrCreateResponse;
import dev.slipway.protocol.modal.EnvironmentListItem;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import dev.slipway.protocol.modal.ObjectCreationType;
import dev.slipway.protocol.modal.TokenInfoGetRequest;
import dev.slipway.protocol.modal.TokenInfoGetResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Workspaces and environments as a client meets them: with the local token, over gRPC.
@Tag("integration")
class WorkspaceEdgeTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  @TempDir Path data;

  private final IdSource ids = IdSource.secure();
  private final InstantSource clock = InstantSource.system();
  private final WorkspaceStore store = new WorkspaceStore(FIXTURE.database().jdbi());
  private final Tokens tokens = new Tokens(store, clock, new SecureRandom());
  private final Environments environments = new Environments(store, ids, clock, List.of());
  private final Workspaces workspaces = new Workspaces(store, environments, ids);
  private final String name = InProcessServerBuilder.generateName();
  private final ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
  private LocalToken token = LocalToken.mint(ids);
  private Server server = InProcessServerBuilder.forName(name).build();

  @BeforeEach
  void serve() throws Exception {
    token = LocalIdentity.ensure(data, workspaces, tokens, ids).token();
    AuthTokens authTokens = new AuthTokens(clock, new SecureRandom());
    Methods methods =
        Methods.of(
            List.of(
                new WorkspaceRpc(
                    workspaces, environments, tokens, authTokens, new BuilderVersions("2025.06")),
                new EnvironmentRpc(environments, new BuilderVersions("2025.06"))));
    Identification identification =
        new Identification(tokens, none -> Optional.empty(), none -> Optional.empty());
    server =
        InProcessServerBuilder.forName(name)
            .addServices(new RpcServices(methods, identification).definitions())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  @Test
  void tellsEveryClientABuilderVersionThatItKnows() {
    assertThat(lookUp("1.6.4", "").getMetadata().getSettings().getImageBuilderVersion())
        .isEqualTo("2025.06");
    assertThat(lookUp("1.0.5", "").getMetadata().getSettings().getImageBuilderVersion())
        .isEqualTo("2024.10");
    assertThat(client("1.0.5").clientHello(Empty.getDefaultInstance()).getImageBuilderVersion())
        .isEqualTo("2024.10");
  }

  @Test
  void findsListsMakesAndDeletesEnvironments() {
    ModalClientBlockingStub client = client("1.6.4");
    assertThat(lookUp("1.6.4", "").getMetadata().getName()).isEqualTo("main");
    client.environmentCreate(EnvironmentCreateRequest.newBuilder().setName("dev").build());
    assertThat(lookUp("1.6.4", "dev").getEnvironmentId()).startsWith("en-");
    assertThat(client.environmentList(Empty.getDefaultInstance()).getItemsList())
        .extracting(EnvironmentListItem::getName)
        .containsExactly("dev", "main");
    client.environmentDelete(EnvironmentDeleteRequest.newBuilder().setName("dev").build());
    assertThatThrownBy(() -> lookUp("1.6.4", "dev"))
        .hasMessageContaining("NOT_FOUND")
        .hasMessageContaining("'dev'");
  }

  @Test
  void makesAMissingEnvironmentWhenAskedTo() {
    EnvironmentGetOrCreateRequest request =
        EnvironmentGetOrCreateRequest.newBuilder()
            .setDeploymentName("made")
            .setObjectCreationType(ObjectCreationType.OBJECT_CREATION_TYPE_CREATE_IF_MISSING)
            .build();
    EnvironmentGetOrCreateResponse made = client("1.6.4").environmentGetOrCreate(request);
    assertThat(client("1.6.4").environmentGetOrCreate(request)).isEqualTo(made);
    client("1.6.4")
        .environmentDelete(EnvironmentDeleteRequest.newBuilder().setName("made").build());
  }

  @Test
  void saysWhoseTokenItIs() {
    ModalClientBlockingStub client = client("1.6.4");
    TokenInfoGetResponse info = client.tokenInfoGet(TokenInfoGetRequest.getDefaultInstance());
    assertThat(info.getTokenId()).isEqualTo(token.id());
    assertThat(info.getWorkspaceName()).isEqualTo("local");
    assertThat(client.workspaceNameLookup(Empty.getDefaultInstance()).getUsername())
        .isEqualTo("local");
    assertThat(client.authTokenGet(AuthTokenGetRequest.getDefaultInstance()).getToken())
        .matches("[\\w-]+\\.[\\w-]+\\.[\\w-]+");
  }

  private EnvironmentGetOrCreateResponse lookUp(String clientVersion, String environment) {
    return client(clientVersion)
        .environmentGetOrCreate(
            EnvironmentGetOrCreateRequest.newBuilder().setDeploymentName(environment).build());
  }

  private ModalClientBlockingStub client(String version) {
    Metadata metadata = new Metadata();
    metadata.put(MetadataKeys.TOKEN_ID, token.id());
    metadata.put(MetadataKeys.TOKEN_SECRET, token.secret());
    metadata.put(MetadataKeys.CLIENT_VERSION, version);
    metadata.put(MetadataKeys.CLIENT_TYPE, "1");
    return ModalClientGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
  }
}
