package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.rpc.MetadataKeys;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.EmbeddedPostgres;
import dev.slipway.controlplane.workspace.LocalToken;
import dev.slipway.launcher.door.LocalDoor;
import dev.slipway.protocol.modal.AppCreateRequest;
import dev.slipway.protocol.modal.AppDeploymentHistoryRequest;
import dev.slipway.protocol.modal.AppGetLayoutRequest;
import dev.slipway.protocol.modal.AppGetLogsRequest;
import dev.slipway.protocol.modal.AppHeartbeatRequest;
import dev.slipway.protocol.modal.AppPublishRequest;
import dev.slipway.protocol.modal.AppState;
import dev.slipway.protocol.modal.AppStopRequest;
import dev.slipway.protocol.modal.BlobCreateRequest;
import dev.slipway.protocol.modal.BlobGetRequest;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.FunctionBindParamsRequest;
import dev.slipway.protocol.modal.FunctionCallCancelRequest;
import dev.slipway.protocol.modal.FunctionCallFromIdRequest;
import dev.slipway.protocol.modal.FunctionCallType;
import dev.slipway.protocol.modal.FunctionCreateRequest;
import dev.slipway.protocol.modal.FunctionGetByIdRequest;
import dev.slipway.protocol.modal.FunctionGetCurrentStatsRequest;
import dev.slipway.protocol.modal.FunctionGetOutputsRequest;
import dev.slipway.protocol.modal.FunctionMapRequest;
import dev.slipway.protocol.modal.FunctionPutInputsRequest;
import dev.slipway.protocol.modal.Image;
import dev.slipway.protocol.modal.ImageFromIdRequest;
import dev.slipway.protocol.modal.ImageGetOrCreateRequest;
import dev.slipway.protocol.modal.ImageJoinStreamingRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two workspaces on one server: the ids of one are unknown to the other.
@Tag("integration")
class WorkspacesApartTest {
  private static final String CONTENTS =
      """
      {"layerIds": [], "config": {"environment": {}, "workingDirectory": "", "entrypoint": [],
       "command": [], "shell": [], "user": ""}, "pythonVersionInfo": "", "pythonPackages": {},
       "libcVersionInfo": "", "baseDigest": "", "sizeBytes": 0}
      """;

  @TempDir Path data;
  private final Lifecycle lifecycle = new Lifecycle();
  private ModalClientBlockingStub owner;
  private ModalClientBlockingStub stranger;
  private Database database;

  @BeforeEach
  void open() throws IOException {
    DataDirectory directory = lifecycle.add("data directory", DataDirectory.take(data));
    EmbeddedPostgres postgres =
        lifecycle.add(
            "embedded PostgreSQL",
            EmbeddedPostgres.start(directory.postgres(), directory.programs()));
    database = lifecycle.add("database", Database.open(postgres::address));
    ControlPlane controlPlane =
        new ControlPlane(Settings.of(Map.of()), data, "http://127.0.0.1:8470", database, lifecycle);
    controlPlane.build();
    LocalDoor door = lifecycle.add("door", LocalDoor.open(controlPlane.services()));
    LocalToken token = LocalToken.find(data).orElseThrow();
    owner = client(door, token.id(), token.secret());
    addStranger(token.id());
    stranger = client(door, "ak-stranger", token.secret());
  }

  @AfterEach
  void close() {
    lifecycle.close();
  }

  /// A second workspace with a token that has the same secret.
  private void addStranger(String tokenId) {
    database
        .jdbi()
        .useHandle(handle -> {
          handle.execute("insert into workspaces (id, name) values ('ac-stranger', 'stranger')");
          handle.execute(
              """
              insert into environments
                (id, workspace_id, name, is_default, builder_version, web_suffix)
              select 'en-stranger', 'ac-stranger', name, is_default, builder_version, 'stranger'
              from environments where is_default limit 1
              """);
          handle.execute(
              """
              insert into tokens (id, workspace_id, name, salt, secret_digest)
              select 'ak-stranger', 'ac-stranger', name, salt, secret_digest from tokens
              where id = ?
              """,
              tokenId);
        });
  }

  private static ModalClientBlockingStub client(LocalDoor door, String id, String secret) {
    Metadata headers = new Metadata();
    headers.put(MetadataKeys.TOKEN_ID, id);
    headers.put(MetadataKeys.TOKEN_SECRET, secret);
    headers.put(MetadataKeys.CLIENT_TYPE, "1");
    headers.put(MetadataKeys.CLIENT_VERSION, "1.6.4");
    ClientInterceptor identity = MetadataUtils.newAttachHeadersInterceptor(headers);
    return ModalClientGrpc.newBlockingStub(door.channel()).withInterceptors(identity);
  }

  @Test
  void whatOneWorkspaceHasTheOtherCannotSeeUseOrStop() {
    String app = app(owner);
    String image = builtImage(app);
    String function = function(owner, app, image);
    String call =
        owner
            .functionMap(
                FunctionMapRequest.newBuilder()
                    .setFunctionId(function)
                    .setFunctionCallType(FunctionCallType.FUNCTION_CALL_TYPE_MAP)
                    .build())
            .getFunctionCallId();
    String blob =
        owner.blobCreate(BlobCreateRequest.newBuilder().setContentLength(3).build()).getBlobId();
    String strangersApp = app(stranger);
    assertThat(strangersApp).isNotEqualTo(app);

    SoftAssertions.assertSoftly(all -> {
      appIsApart(all, app);
      bytesAreApart(all, image, blob);
      functionIsApart(all, app, strangersApp, image, function);
      callIsApart(all, function, call);
    });
    // The owner still has it all.
    owner.appHeartbeat(AppHeartbeatRequest.newBuilder().setAppId(app).build());
    assertThat(
            owner
                .functionCallFromId(
                    FunctionCallFromIdRequest.newBuilder().setFunctionCallId(call).build())
                .getFunctionCallId())
        .isEqualTo(call);
  }

  private void appIsApart(SoftAssertions all, String app) {
    refused(all, "stop", c -> c.appStop(AppStopRequest.newBuilder().setAppId(app).build()));
    refused(
        all,
        "heartbeat",
        c -> c.appHeartbeat(AppHeartbeatRequest.newBuilder().setAppId(app).build()));
    refused(
        all, "publish", c -> c.appPublish(AppPublishRequest.newBuilder().setAppId(app).build()));
    refused(
        all, "layout", c -> c.appGetLayout(AppGetLayoutRequest.newBuilder().setAppId(app).build()));
    refused(
        all,
        "history",
        c ->
            c.appDeploymentHistory(AppDeploymentHistoryRequest.newBuilder().setAppId(app).build()));
    refused(
        all,
        "logs",
        c -> drain(c.appGetLogs(AppGetLogsRequest.newBuilder().setAppId(app).build())));
  }

  private void bytesAreApart(SoftAssertions all, String image, String blob) {
    refused(
        all,
        "image",
        c -> c.imageFromId(ImageFromIdRequest.newBuilder().setImageId(image).build()));
    refused(
        all,
        "build log",
        c ->
            drain(
                c.imageJoinStreaming(
                    ImageJoinStreamingRequest.newBuilder().setImageId(image).build())));
    refused(all, "blob", c -> c.blobGet(BlobGetRequest.newBuilder().setBlobId(blob).build()));
  }

  private void functionIsApart(
      SoftAssertions all, String app, String strangersApp, String image, String function) {
    refused(all, "function in the other's app", c -> function(c, app, image));
    refused(all, "function from the other's image", c -> function(c, strangersApp, image));
    refused(
        all,
        "function",
        c ->
            c.functionGetById(FunctionGetByIdRequest.newBuilder().setFunctionId(function).build()));
    refused(
        all,
        "statistics",
        c ->
            c.functionGetCurrentStats(
                FunctionGetCurrentStatsRequest.newBuilder().setFunctionId(function).build()));
    refused(
        all,
        "variant",
        c ->
            c.functionBindParams(
                FunctionBindParamsRequest.newBuilder().setFunctionId(function).build()));
    refused(
        all,
        "call",
        c -> c.functionMap(FunctionMapRequest.newBuilder().setFunctionId(function).build()));
  }

  private void callIsApart(SoftAssertions all, String function, String call) {
    refused(
        all,
        "inputs",
        c ->
            c.functionPutInputs(
                FunctionPutInputsRequest.newBuilder()
                    .setFunctionId(function)
                    .setFunctionCallId(call)
                    .build()));
    refused(
        all,
        "outputs",
        c ->
            c.functionGetOutputs(
                FunctionGetOutputsRequest.newBuilder().setFunctionCallId(call).build()));
    refused(
        all,
        "call by id",
        c ->
            c.functionCallFromId(
                FunctionCallFromIdRequest.newBuilder().setFunctionCallId(call).build()));
    refused(
        all,
        "cancel",
        c ->
            c.functionCallCancel(
                FunctionCallCancelRequest.newBuilder().setFunctionCallId(call).build()));
  }

  private void refused(SoftAssertions all, String what, Consumer<ModalClientBlockingStub> request) {
    all.assertThatThrownBy(() -> request.accept(stranger))
        .as(what)
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageStartingWith("NOT_FOUND");
  }

  private static void drain(Iterator<?> replies) {
    while (replies.hasNext()) {
      replies.next();
    }
  }

  private static String app(ModalClientBlockingStub client) {
    return client
        .appCreate(
            AppCreateRequest.newBuilder()
                .setDescription("apart")
                .setAppState(AppState.APP_STATE_EPHEMERAL)
                .build())
        .getAppId();
  }

  private static String function(ModalClientBlockingStub client, String app, String image) {
    return client
        .functionCreate(
            FunctionCreateRequest.newBuilder()
                .setAppId(app)
                .setFunction(
                    Function.newBuilder()
                        .setModuleName("apart")
                        .setFunctionName("apart")
                        .setImageId(image)
                        .setTimeoutSecs(10))
                .build())
        .getFunctionId();
  }

  /// No worker is here to build it: its row says that one has.
  private String builtImage(String app) {
    String image =
        owner
            .imageGetOrCreate(
                ImageGetOrCreateRequest.newBuilder()
                    .setAppId(app)
                    .setBuilderVersion("2024.10")
                    .setImage(Image.newBuilder().addDockerfileCommands("FROM scratch"))
                    .build())
            .getImageId();
    int built =
        database
            .jdbi()
            .withHandle(handle ->
                handle.execute(
                    "update image set state = 'BUILT', contents = cast(? as json), finished_at = now() where id = ?",
                    CONTENTS,
                    image));
    assertThat(built).isOne();
    return image;
  }
}
