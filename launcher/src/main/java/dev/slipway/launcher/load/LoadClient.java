package dev.slipway.launcher.load;

import com.google.protobuf.ByteString;
import dev.slipway.protocol.modal.AppCreateRequest;
import dev.slipway.protocol.modal.AppHeartbeatRequest;
import dev.slipway.protocol.modal.AppPublishRequest;
import dev.slipway.protocol.modal.AppState;
import dev.slipway.protocol.modal.AppStopRequest;
import dev.slipway.protocol.modal.AutoscalerSettings;
import dev.slipway.protocol.modal.DataFormat;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.FunctionCreateRequest;
import dev.slipway.protocol.modal.FunctionInput;
import dev.slipway.protocol.modal.FunctionPutInputsItem;
import dev.slipway.protocol.modal.Image;
import dev.slipway.protocol.modal.ImageGetOrCreateRequest;
import dev.slipway.protocol.modal.ImageGetOrCreateResponse;
import dev.slipway.protocol.modal.ImageJoinStreamingRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// An app of one function, made and called as the official client does.
public final class LoadClient implements AutoCloseable {
  static final String VERSION = "1.6.4";

  private static final String FOR_USERS = "1";
  private static final String FOR_CONTAINERS = "4";
  private static final int HEARTBEAT_SECONDS = 10;
  private static final int TIMEOUT_SECONDS = 3_600;

  /// A pickled number and its tuple, as a call of the official client with one argument has it.
  private static final ByteString ARGUMENTS = ByteString.copyFrom(new byte[32]);

  /// How the containers of a function take their inputs.
  ///
  /// @param containers how many, all the time
  /// @param concurrent how many inputs one has at the same time; 1 without `@modal.concurrent`
  /// @param batch how many it takes at once; 0 without `@modal.batched`
  public record Serving(int containers, int concurrent, int batch) {}

  private final ModalClientBlockingStub stub;
  private final String app;
  private final String function;
  private final Thread heartbeat;

  private LoadClient(ModalClientBlockingStub stub, String app, String function, Thread heartbeat) {
    this.stub = stub;
    this.app = app;
    this.function = function;
    this.heartbeat = heartbeat;
  }

  /// Makes the app. A worker must be there, for the image.
  ///
  /// @param exports what `slipway env` prints
  public static LoadClient make(Channel channel, Map<String, String> exports, Serving serving) {
    Metadata headers = new Metadata();
    put(headers, "x-modal-token-id", Objects.requireNonNull(exports.get("MODAL_TOKEN_ID")));
    put(headers, "x-modal-token-secret", Objects.requireNonNull(exports.get("MODAL_TOKEN_SECRET")));
    put(headers, "x-modal-client-version", VERSION);
    put(headers, "x-modal-client-type", FOR_USERS);
    ModalClientBlockingStub stub =
        ModalClientGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    String app =
        stub.appCreate(
                AppCreateRequest.newBuilder()
                    .setDescription("load")
                    .setAppState(AppState.APP_STATE_EPHEMERAL)
                    .build())
            .getAppId();
    Thread heartbeat = Thread.ofVirtual().start(() -> beat(stub, app));
    String image =
        image(stub, app, Image.newBuilder().addDockerfileCommands("FROM load:generator"));
    String function = function(stub, app, image, serving);
    stub.appPublish(
        AppPublishRequest.newBuilder()
            .setAppId(app)
            .setAppState(AppState.APP_STATE_EPHEMERAL)
            .putFunctionIds("nothing", function)
            .build());
    return new LoadClient(stub, app, function, heartbeat);
  }

  /// What the runner in a container says of itself with each call.
  static Metadata runner() {
    Metadata headers = new Metadata();
    put(headers, "x-modal-client-version", VERSION);
    put(headers, "x-modal-client-type", FOR_CONTAINERS);
    return headers;
  }

  private static void put(Metadata headers, String name, String value) {
    headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
  }

  private static void beat(ModalClientBlockingStub stub, String app) {
    try {
      while (true) {
        stub.appHeartbeat(AppHeartbeatRequest.newBuilder().setAppId(app).build());
        TimeUnit.SECONDS.sleep(HEARTBEAT_SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// The id of the image of a recipe, when it is built.
  static String image(ModalClientBlockingStub stub, String app, Image.Builder recipe) {
    ImageGetOrCreateResponse image =
        stub.imageGetOrCreate(
            ImageGetOrCreateRequest.newBuilder()
                .setAppId(app)
                .setBuilderVersion("2024.10")
                .setImage(recipe)
                .build());
    if (!image.hasResult()) {
      stub.imageJoinStreaming(
              ImageJoinStreamingRequest.newBuilder()
                  .setImageId(image.getImageId())
                  .setTimeout(60)
                  .build())
          .forEachRemaining(message -> {});
    }
    return image.getImageId();
  }

  /// The id of a function of the app.
  static String function(ModalClientBlockingStub stub, String app, String image, Serving serving) {
    return stub.functionCreate(
            FunctionCreateRequest.newBuilder()
                .setAppId(app)
                .setFunction(
                    Function.newBuilder()
                        .setModuleName("load")
                        .setFunctionName("nothing")
                        .setImageId(image)
                        .setTimeoutSecs(TIMEOUT_SECONDS)
                        .setMaxConcurrentInputs(serving.concurrent())
                        .setBatchMaxSize(serving.batch())
                        .setAutoscalerSettings(
                            AutoscalerSettings.newBuilder()
                                .setMinContainers(serving.containers())
                                .setMaxContainers(serving.containers())))
                .build())
        .getFunctionId();
  }

  /// One input.
  static FunctionPutInputsItem input(int index) {
    return FunctionPutInputsItem.newBuilder()
        .setIdx(index)
        .setInput(
            FunctionInput.newBuilder()
                .setArgs(ARGUMENTS)
                .setDataFormat(DataFormat.DATA_FORMAT_PICKLE))
        .build();
  }

  ModalClientBlockingStub stub() {
    return stub;
  }

  String function() {
    return function;
  }

  @Override
  public void close() {
    heartbeat.interrupt();
    stub.appStop(AppStopRequest.newBuilder().setAppId(app).build());
  }
}
