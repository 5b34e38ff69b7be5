package dev.slipway.launcher.load;

import com.google.protobuf.ByteString;
import dev.slipway.model.Digest;
import dev.slipway.protocol.modal.AppCreateRequest;
import dev.slipway.protocol.modal.AppState;
import dev.slipway.protocol.modal.AppStopRequest;
import dev.slipway.protocol.modal.BaseImage;
import dev.slipway.protocol.modal.Image;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import dev.slipway.protocol.modal.MountBatchedCheckExistenceRequest;
import dev.slipway.protocol.modal.MountFile;
import dev.slipway.protocol.modal.MountGetOrCreateRequest;
import dev.slipway.protocol.modal.MountPutFileRequest;
import dev.slipway.protocol.modal.ObjectCreationType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a program asks for before its first call when nothing changed since it ran last: which of
/// its files are missing, a mount of them, the images of a Dockerfile that copies them, and a
/// function.
public final class LoadProgram {
  /// About as many files as the client asks about at once.
  private static final int FILES = 64;

  private static final List<String> DOCKERFILE =
      List.of(
          "FROM load:generator",
          "ENV GREETING=hello",
          "WORKDIR /srv",
          "COPY program /srv/program",
          "RUN python -m compileall -q /srv/program",
          "RUN echo \"$GREETING\" > mark");

  private LoadProgram() {}

  /// Asks for everything, in an app of its own that stops at once.
  public static void make(LoadClient client) {
    ModalClientBlockingStub stub = client.stub();
    String app =
        stub.appCreate(
                AppCreateRequest.newBuilder()
                    .setDescription("program")
                    .setAppState(AppState.APP_STATE_EPHEMERAL)
                    .build())
            .getAppId();
    String below =
        LoadClient.image(
            stub,
            app,
            Image.newBuilder()
                .addAllDockerfileCommands(DOCKERFILE)
                .setContextMountId(mount(stub, app)));
    String image =
        LoadClient.image(
            stub,
            app,
            Image.newBuilder()
                .addDockerfileCommands("FROM base")
                .addBaseImages(BaseImage.newBuilder().setDockerTag("base").setImageId(below)));
    LoadClient.function(stub, app, image, new LoadClient.Serving(0, 1, 0));
    stub.appStop(AppStopRequest.newBuilder().setAppId(app).build());
  }

  private static String mount(ModalClientBlockingStub stub, String app) {
    Map<String, ByteString> files = new TreeMap<>();
    MountGetOrCreateRequest.Builder mount =
        MountGetOrCreateRequest.newBuilder()
            .setAppId(app)
            .setObjectCreationType(ObjectCreationType.OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP);
    for (int i = 0; i < FILES; i++) {
      byte[] text = ("print(" + i + ")\n").getBytes(StandardCharsets.UTF_8);
      String digest = Digest.sha256(text).hex();
      files.put(digest, ByteString.copyFrom(text));
      mount.addFiles(
          MountFile.newBuilder()
              .setFilename("/program/module" + i + ".py")
              .setSha256Hex(digest)
              .setMode(0644));
    }
    stub.mountBatchedCheckExistence(
            MountBatchedCheckExistenceRequest.newBuilder()
                .addAllSha256HexHashes(files.keySet())
                .build())
        .getMissingSha256HexHashesList()
        .forEach(missing ->
            stub.mountPutFile(
                MountPutFileRequest.newBuilder()
                    .setSha256Hex(missing)
                    .setData(files.get(missing))
                    .build()));
    return stub.mountGetOrCreate(mount.build()).getMountId();
  }
}
