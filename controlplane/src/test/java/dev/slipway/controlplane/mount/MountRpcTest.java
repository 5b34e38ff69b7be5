package dev.slipway.controlplane.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.content.FileContentStore;
import dev.slipway.controlplane.blob.BlobStore;
import dev.slipway.controlplane.blob.Blobs;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.DeploymentNamespace;
import dev.slipway.protocol.modal.MountBatchedCheckExistenceRequest;
import dev.slipway.protocol.modal.MountFile;
import dev.slipway.protocol.modal.MountGetOrCreateRequest;
import dev.slipway.protocol.modal.MountGetOrCreateResponse;
import dev.slipway.protocol.modal.MountPutFileRequest;
import dev.slipway.protocol.modal.ObjectCreationType;
import dev.slipway.protocol.worker.ContentChunk;
import dev.slipway.protocol.worker.ManifestFile;
import dev.slipway.protocol.worker.ReadContentRequest;
import dev.slipway.protocol.worker.ReadMountRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Files and mounts as a client sends them and as a worker fetches them.
@Tag("integration")
final class MountRpcTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final Instant NOW = Instant.parse("2026-11-25T08:00:00Z");
  private static final RpcContext CALLER = caller("ac-one");
  private static final RpcContext STRANGER = caller("ac-two");

  @TempDir Path directory;
  private Blobs blobs;
  private Mounts mounts;
  private MountRpc rpc;
  private ContentRpc contentRpc;

  @BeforeEach
  void open() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> handle.execute("truncate mount_upload, mount cascade"));
    FileContentStore content = new FileContentStore(directory);
    blobs = new Blobs(new BlobStore(FIXTURE.database().jdbi()), content, IdSource.secure());
    mounts = new Mounts(new MountStore(FIXTURE.database().jdbi()), content);
    rpc =
        new MountRpc(
            mounts,
            name -> mounts.findPlatform(name).orElseThrow(),
            blobs,
            content,
            Clock.fixed(NOW, ZoneOffset.UTC));
    contentRpc = new ContentRpc(mounts, content);
  }

  @Test
  void missingFilesAreSentOnceAndMakeAMount() {
    String hello = sha256("hello");
    String world = sha256("world");
    assertThat(missing(CALLER, hello, world)).containsExactly(hello, world);

    put(CALLER, "hello");
    assertThat(missing(CALLER, hello, world)).containsExactly(world);
    put(CALLER, "world");
    assertThat(missing(CALLER, hello, world)).isEmpty();

    MountGetOrCreateResponse mount =
        create(
            CALLER,
            file("/root/b", world),
            file("/root/a", hello).toBuilder().setMode(0755).build());
    assertThat(mount.getMountId()).matches("mo-[0-9A-Za-z]{22}");
    assertThat(mount.getHandleMetadata().getContentChecksumSha256Hex()).matches("[0-9a-f]{64}");
    assertThat(mounts.manifest(new MountId(mount.getMountId())).files())
        .containsExactly(
            new dev.slipway.controlplane.mount.MountFile("/root/a", new Digest(hello), 5, 0755),
            new dev.slipway.controlplane.mount.MountFile("/root/b", new Digest(world), 5, 0644));
    assertThat(
            create(
                CALLER,
                file("/root/a", hello).toBuilder().setMode(0755).build(),
                file("/root/b", world)))
        .isEqualTo(mount);
  }

  @Test
  void filesThatAreAskedAboutAreNotForgotten() {
    put(CALLER, "hello");
    put(CALLER, "world");
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle ->
            handle.execute("update mount_upload set checked_at = now() - interval '8 days'"));
    assertThat(missing(CALLER, sha256("hello"))).isEmpty();

    assertThat(mounts.forgetUploadsBefore(Instant.now().minus(AbandonedUploadsChore.KEEP)))
        .isEqualTo(1);
    assertThat(missing(CALLER, sha256("hello"), sha256("world"))).containsExactly(sha256("world"));
  }

  @Test
  void manyMayAskAtOnceAboutAFileThatNobodyAskedAboutForLong() throws Exception {
    put(CALLER, "hello");
    for (int round = 0; round < 20; round++) {
      FIXTURE
          .database()
          .jdbi()
          .useHandle(handle ->
              handle.execute("update mount_upload set checked_at = now() - interval '2 days'"));
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<List<String>>> asked =
            Stream.generate(() -> threads.submit(() -> missing(CALLER, sha256("hello"))))
                .limit(8)
                .toList();
        for (Future<List<String>> missing : asked) {
          assertThat(missing.get()).isEmpty();
        }
      }
    }
  }

  @Test
  void oldClientsAskByPuttingNothing() {
    MountPutFileRequest question =
        MountPutFileRequest.newBuilder().setSha256Hex(sha256("")).build();
    assertThat(rpc.putFile(CALLER, question).getExists()).isFalse();

    put(CALLER, "");
    assertThat(rpc.putFile(CALLER, question).getExists()).isTrue();
    assertThat(rpc.putFile(CALLER, question).getCheckedAt().getSeconds())
        .isEqualTo(NOW.getEpochSecond());
  }

  @Test
  void largeFilesComeAsBlobs() {
    String text = "large".repeat(100_000);
    String blob =
        blobs.store(CALLER.workspace(), text.getBytes(StandardCharsets.UTF_8)).id().value();
    MountPutFileRequest request =
        MountPutFileRequest.newBuilder().setSha256Hex(sha256(text)).setDataBlobId(blob).build();

    assertThat(rpc.putFile(CALLER, request).getExists()).isTrue();
    assertThat(missing(CALLER, sha256(text))).isEmpty();
    assertRefused(
        ErrorKind.INVALID,
        () -> rpc.putFile(CALLER, request.toBuilder().setSha256Hex(sha256("other")).build()));
    assertRefused(ErrorKind.NOT_FOUND, () -> rpc.putFile(STRANGER, request));
  }

  @Test
  void damagedFilesAreRefused() {
    assertRefused(
        ErrorKind.INVALID,
        () ->
            rpc.putFile(
                CALLER,
                MountPutFileRequest.newBuilder()
                    .setSha256Hex(sha256("hello"))
                    .setData(ByteString.copyFromUtf8("jello"))
                    .build()));
    assertThat(missing(CALLER, sha256("hello"), sha256("jello"))).hasSize(2);
    assertRefused(ErrorKind.INVALID, () -> missing(CALLER, "no digest"));
  }

  @Test
  void knowingADigestIsNotHavingTheFile() {
    String secret = sha256("secret");
    put(CALLER, "secret");

    assertThat(missing(STRANGER, secret)).containsExactly(secret);
    assertRefused(ErrorKind.CONFLICT, () -> create(STRANGER, file("/root/s", secret)));
    MountId mine = new MountId(create(CALLER, file("/root/s", secret)).getMountId());
    assertThat(mounts.requireVisible(CALLER.workspace(), List.of(mine)))
        .isEqualTo(Map.of(mine, (long) "secret".length()));
    assertRefused(
        ErrorKind.NOT_FOUND, () -> mounts.requireVisible(STRANGER.workspace(), List.of(mine)));
  }

  @Test
  void badPathsAreRefused() {
    put(CALLER, "hello");

    assertRefused(
        ErrorKind.INVALID, () -> create(CALLER, file("/root/../etc/passwd", sha256("hello"))));
    assertRefused(ErrorKind.INVALID, () -> create(CALLER, file("relative", sha256("hello"))));
  }

  @Test
  void emptyMountIsAMount() {
    MountId id = new MountId(create(CALLER).getMountId());

    assertThat(mounts.manifest(id).files()).isEmpty();
  }

  @Test
  void namesBelongToThePlatform() {
    put(CALLER, "hello");
    MountId platform =
        mounts.createPlatform(
            "modal-client-mount-1.2.3",
            List.of(
                new dev.slipway.controlplane.mount.MountFile(
                    "/pkg/modal/__init__.py", new Digest(sha256("hello")), 5, 0644)));
    MountGetOrCreateRequest lookUp =
        MountGetOrCreateRequest.newBuilder()
            .setDeploymentName("modal-client-mount-1.2.3")
            .setNamespace(DeploymentNamespace.DEPLOYMENT_NAMESPACE_GLOBAL)
            .build();

    assertThat(rpc.getOrCreate(STRANGER, lookUp).getMountId()).isEqualTo(platform.value());
    mounts.requireVisible(STRANGER.workspace(), List.of(platform));
    assertRefused(
        ErrorKind.NOT_FOUND,
        () ->
            rpc.getOrCreate(
                CALLER,
                lookUp.toBuilder()
                    .setNamespace(DeploymentNamespace.DEPLOYMENT_NAMESPACE_WORKSPACE)
                    .build()));
    assertRefused(
        ErrorKind.UNSUPPORTED,
        () ->
            rpc.getOrCreate(
                CALLER,
                lookUp.toBuilder()
                    .setObjectCreationType(
                        ObjectCreationType.OBJECT_CREATION_TYPE_CREATE_IF_MISSING)
                    .build()));
  }

  @Test
  void workersFetchMountsAndBytes() throws Exception {
    byte[] random = new byte[700_000];
    new Random(3).nextBytes(random);
    String digest = sha256(random);
    rpc.putFile(
        CALLER,
        MountPutFileRequest.newBuilder()
            .setSha256Hex(digest)
            .setData(ByteString.copyFrom(random))
            .build());
    String mount = create(CALLER, file("/root/random", digest)).getMountId();
    RpcContext worker =
        new RpcContext(
            new Caller.Worker("w1"),
            ClientVersion.parse("1.0.0"),
            ClientKind.PYTHON,
            Optional.empty());

    assertThat(
            contentRpc
                .readMount(worker, ReadMountRequest.newBuilder().setMountId(mount).build())
                .getFilesList())
        .containsExactly(
            ManifestFile.newBuilder()
                .setPath("/root/random")
                .setSha256Hex(digest)
                .setSize(700_000)
                .setMode(0644)
                .build());
    for (int offset : new int[] {0, 1, 262_144, 699_999, 700_000}) {
      Collected collected = new Collected();
      contentRpc.readContent(
          worker,
          ReadContentRequest.newBuilder().setSha256Hex(digest).setOffset(offset).build(),
          collected);
      assertThat(collected.bytes.toByteArray())
          .isEqualTo(Arrays.copyOfRange(random, offset, random.length));
    }
    assertRefused(
        ErrorKind.NOT_FOUND,
        () ->
            contentRpc.readMount(
                worker, ReadMountRequest.newBuilder().setMountId("mo-none").build()));
  }

  private static final class Collected implements Replies<ContentChunk> {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void send(ContentChunk chunk) {
      try {
        chunk.getData().writeTo(bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean isCancelled() {
      return false;
    }
  }

  private List<String> missing(RpcContext context, String... digests) {
    return rpc.checkExistence(
            context,
            MountBatchedCheckExistenceRequest.newBuilder()
                .addAllSha256HexHashes(List.of(digests))
                .build())
        .getMissingSha256HexHashesList();
  }

  private void put(RpcContext context, String text) {
    assertThat(
            rpc.putFile(
                    context,
                    MountPutFileRequest.newBuilder()
                        .setSha256Hex(sha256(text))
                        .setData(ByteString.copyFromUtf8(text))
                        .build())
                .getExists())
        .isTrue();
  }

  private MountGetOrCreateResponse create(RpcContext context, MountFile... files) {
    return rpc.getOrCreate(
        context,
        MountGetOrCreateRequest.newBuilder()
            .setObjectCreationType(ObjectCreationType.OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP)
            .addAllFiles(List.of(files))
            .build());
  }

  private static MountFile file(String path, String digest) {
    return MountFile.newBuilder().setFilename(path).setSha256Hex(digest).build();
  }

  private static RpcContext caller(String workspace) {
    return new RpcContext(
        new Caller.Client(new WorkspaceId(workspace), "ak-test"),
        ClientVersion.parse("1.6.4"),
        ClientKind.PYTHON,
        Optional.empty());
  }

  private static void assertRefused(ErrorKind kind, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }

  private static String sha256(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
