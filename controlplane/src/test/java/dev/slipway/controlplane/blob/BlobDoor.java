package dev.slipway.controlplane.blob;

import com.linecorp.armeria.server.Server;
import dev.slipway.content.FileContentStore;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.IdSource;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.BlobCreateRequest;
import dev.slipway.protocol.modal.BlobCreateResponse;
import dev.slipway.protocol.modal.BlobGetRequest;
import dev.slipway.protocol.modal.MultiPartUpload;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A real HTTP server with blobs behind it, the methods that announce them, and a client's view of
/// both. One server and one store for all tests of a class.
@Tag("integration")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class BlobDoor {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  static final WorkspaceId WORKSPACE = new WorkspaceId("ac-one");
  static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);

  @TempDir static Path directory;

  final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  FileContentStore content;
  BlobStore store;
  Blobs blobs;
  private Server server;
  String base = "";

  @BeforeAll
  void startServer() {
    content = new FileContentStore(directory);
    store = new BlobStore(FIXTURE.database().jdbi());
    blobs = new Blobs(store, content, IdSource.secure());
    server =
        Server.builder()
            .http(0)
            .gracefulShutdownTimeout(Duration.ZERO, Duration.ZERO)
            .requestTimeoutMillis(500)
            .maxRequestLength(1000)
            .serviceUnder(BlobLinks.PATH_PREFIX, new BlobHttp(blobs, store, links(), content))
            .build();
    server.start().join();
    base = "http://127.0.0.1:" + server.activeLocalPort();
  }

  @AfterAll
  void stopServer() {
    server.stop().join();
    http.close();
  }

  BlobLinks links() {
    return BlobLinks.open(store, Clock.systemUTC());
  }

  BlobRpc rpc(String baseUrl) {
    return new BlobRpc(blobs, links(), caller -> baseUrl);
  }

  BlobCreateResponse create(byte[] bytes) {
    return rpc(base)
        .create(
            context(ClientKind.PYTHON),
            BlobCreateRequest.newBuilder()
                .setContentLength(bytes.length)
                .setContentSha256Base64(
                    Base64.getEncoder().encodeToString(digest("SHA-256", bytes)))
                .build());
  }

  String downloadUrl(String id) {
    return rpc(base)
        .get(context(ClientKind.PYTHON), BlobGetRequest.newBuilder().setBlobId(id).build())
        .getDownloadUrl();
  }

  HttpResponse<String> put(String url, byte[] bytes) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create(url)).PUT(BodyPublishers.ofByteArray(bytes)).build(),
        BodyHandlers.ofString());
  }

  HttpResponse<byte[]> get(String url) throws IOException, InterruptedException {
    return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
  }

  HttpResponse<String> complete(MultiPartUpload upload, String... tags)
      throws IOException, InterruptedException {
    StringBuilder xml = new StringBuilder("<CompleteMultipartUpload>\n");
    for (int i = 0; i < tags.length; i++) {
      xml.append("<Part>\n<PartNumber>%d</PartNumber>\n".formatted(i + 1));
      xml.append("<ETag>\"%s\"</ETag>\n</Part>\n".formatted(tags[i]));
    }
    xml.append("</CompleteMultipartUpload>");
    return http.send(
        HttpRequest.newBuilder(URI.create(upload.getCompletionUrl()))
            .POST(BodyPublishers.ofString(xml.toString()))
            .build(),
        BodyHandlers.ofString());
  }

  static RpcContext context(ClientKind kind) {
    return new RpcContext(
        new Caller.Client(WORKSPACE, "ak-test"),
        ClientVersion.parse("1.6.4"),
        kind,
        Optional.empty());
  }

  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  static String md5(byte[] bytes) {
    return HexFormat.of().formatHex(digest("MD5", bytes));
  }

  static String wholeTag(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(digest("MD5", first), 32);
    System.arraycopy(digest("MD5", second), 0, both, 16, 16);
    return md5(both);
  }

  static byte[] digest(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  static long files(Path below) throws IOException {
    // Not a walk, which fails when a file goes while it looks.
    try (Stream<Path> paths = Files.list(below)) {
      return paths.filter(Files::isRegularFile).count();
    }
  }
}
