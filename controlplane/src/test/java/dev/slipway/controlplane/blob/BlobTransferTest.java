package dev.slipway.controlplane.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.model.BlobId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.BlobCreateRequest;
import dev.slipway.protocol.modal.BlobCreateResponse;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Blobs as a client sees them: announced by the methods, moved through a real HTTP server.
final class BlobTransferTest extends BlobDoor {
  @Test
  void uploadedBlobCanBeDownloaded() throws Exception {
    BlobCreateResponse created = create(HELLO);
    assertThat(created.getBlobIdsList()).containsExactly(created.getBlobId());
    assertThat(created.getUploadUrls().getItemsList()).containsExactly(created.getUploadUrl());

    HttpResponse<String> put = put(created.getUploadUrl(), HELLO);
    assertThat(put.statusCode()).isEqualTo(200);
    assertThat(put.headers().firstValue("etag")).contains('"' + md5(HELLO) + '"');

    HttpResponse<byte[]> got = get(downloadUrl(created.getBlobId()));
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.body()).isEqualTo(HELLO);
    assertThat(got.headers().firstValue("content-length")).contains("5");
    assertThat(blobs.open(WORKSPACE, new BlobId(created.getBlobId())).readAllBytes())
        .isEqualTo(HELLO);
  }

  @Test
  void emptyAndLargeBlobsPassToo() throws Exception {
    for (int size : new int[] {0, 1, 50_000_000}) {
      byte[] bytes = random(size);
      BlobCreateResponse created = create(bytes);
      HttpResponse<String> put = put(created.getUploadUrl(), bytes);
      assertThat(put.statusCode()).isEqualTo(200);
      assertThat(put.headers().firstValue("etag")).contains('"' + md5(bytes) + '"');
      assertThat(get(downloadUrl(created.getBlobId())).body()).isEqualTo(bytes);
    }
  }

  @Test
  void repeatedUploadIsHarmlessAndAnotherOneIsRefused() throws Exception {
    BlobCreateResponse created =
        rpc(base)
            .create(
                context(ClientKind.PYTHON),
                BlobCreateRequest.newBuilder().setContentLength(5).build());
    assertThat(put(created.getUploadUrl(), HELLO).statusCode()).isEqualTo(200);
    assertThat(put(created.getUploadUrl(), HELLO).statusCode()).isEqualTo(200);

    HttpResponse<String> other =
        put(created.getUploadUrl(), "jello".getBytes(StandardCharsets.UTF_8));
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(other.body()).contains("blobs never change");
    assertThat(get(downloadUrl(created.getBlobId())).body()).isEqualTo(HELLO);
  }

  @Test
  void damagedUploadsAreRefusedAndMayBeRepeated() throws Exception {
    BlobCreateResponse created = create(HELLO);
    byte[] wrong = "jello".getBytes(StandardCharsets.UTF_8);

    HttpResponse<String> byDigest = put(created.getUploadUrl(), wrong);
    assertThat(byDigest.statusCode()).isEqualTo(400);
    assertThat(byDigest.body()).contains(BlobUploads.MD5_MISMATCH);
    HttpResponse<String> byMd5 =
        http.send(
            HttpRequest.newBuilder(URI.create(created.getUploadUrl()))
                .header("Content-MD5", Base64.getEncoder().encodeToString(new byte[16]))
                .PUT(BodyPublishers.ofByteArray(HELLO))
                .build(),
            BodyHandlers.ofString());
    assertThat(byMd5.statusCode()).isEqualTo(400);
    assertThat(byMd5.body()).contains(BlobUploads.MD5_MISMATCH);
    HttpResponse<String> tooShort = put(created.getUploadUrl(), new byte[] {'h'});
    assertThat(tooShort.statusCode()).isEqualTo(400);
    assertThat(tooShort.body()).contains("announced with 5 bytes, and 1 arrived");
    HttpResponse<String> tooLong = put(created.getUploadUrl(), new byte[6]);
    assertThat(tooLong.statusCode()).isEqualTo(413);
    HttpResponse<String> tooLongInChunks =
        http.send(
            HttpRequest.newBuilder(URI.create(created.getUploadUrl()))
                .PUT(BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(new byte[100_000])))
                .build(),
            BodyHandlers.ofString());
    assertThat(tooLongInChunks.statusCode()).isEqualTo(413);

    assertThat(put(created.getUploadUrl(), HELLO).statusCode()).isEqualTo(200);
    assertThat(files(directory.resolve("incoming"))).isZero();
  }

  @Test
  void blobThatNeverArrivedCannotBeDownloaded() {
    String id = create(HELLO).getBlobId();

    assertThatThrownBy(() -> downloadUrl(id))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT))
        .hasMessageContaining(id);
  }

  @Test
  void otherWorkspacesDoNotFindTheBlob() {
    Blob blob = blobs.store(WORKSPACE, HELLO);

    assertThat(blobs.requireContent(WORKSPACE, blob.id()).length()).isEqualTo(5);
    assertThatThrownBy(() -> blobs.require(new WorkspaceId("ac-two"), blob.id()))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
  }

  @Test
  void rangesAndHeadAreServed() throws Exception {
    byte[] bytes = random(1_000_000);
    String url = downloadUrl(blobs.store(WORKSPACE, bytes).id().value());

    HttpResponse<byte[]> middle =
        http.send(
            HttpRequest.newBuilder(URI.create(url)).header("Range", "bytes=300000-699999").build(),
            BodyHandlers.ofByteArray());
    assertThat(middle.statusCode()).isEqualTo(206);
    assertThat(middle.headers().firstValue("content-range"))
        .contains("bytes 300000-699999/1000000");
    assertThat(middle.body()).isEqualTo(Arrays.copyOfRange(bytes, 300_000, 700_000));
    HttpResponse<byte[]> outside =
        http.send(
            HttpRequest.newBuilder(URI.create(url)).header("Range", "bytes=1000000-").build(),
            BodyHandlers.ofByteArray());
    assertThat(outside.statusCode()).isEqualTo(416);
    assertThat(outside.headers().firstValue("content-range")).contains("bytes */1000000");
    HttpResponse<byte[]> head =
        http.send(
            HttpRequest.newBuilder(URI.create(url)).method("HEAD", BodyPublishers.noBody()).build(),
            BodyHandlers.ofByteArray());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("content-length")).contains("1000000");
  }

  @Test
  void wrongAddressesGetPlainSentences() throws Exception {
    String url = downloadUrl(blobs.store(WORKSPACE, HELLO).id().value());

    HttpResponse<byte[]> forged = get(url.replace("for=download", "for=upload"));
    assertThat(forged.statusCode()).isEqualTo(404);
    assertThat(text(forged)).contains("not an address that the server gave out");
    BlobLink old =
        new BlobLink(
            new BlobId("bl-gone"), BlobLink.Purpose.DOWNLOAD, 0, Instant.now().minusSeconds(60));
    HttpResponse<byte[]> expired = get(base + links().seal(old));
    assertThat(expired.statusCode()).isEqualTo(410);
    assertThat(text(expired)).contains("bl-gone expired at");
    HttpResponse<String> wrongMethod = put(url, HELLO);
    assertThat(wrongMethod.statusCode()).isEqualTo(405);
    BlobLink unknown =
        new BlobLink(
            new BlobId("bl-nobody"), BlobLink.Purpose.DOWNLOAD, 0, Instant.now().plusSeconds(60));
    HttpResponse<byte[]> absent = get(base + links().seal(unknown));
    assertThat(absent.statusCode()).isEqualTo(404);
    assertThat(text(absent)).contains("there is no blob bl-nobody");
  }

  @Test
  void uploadMayBreakOffAndBeRepeated() throws Exception {
    byte[] bytes = random(2_000_000);
    BlobCreateResponse created = create(bytes);
    URI uri = URI.create(created.getUploadUrl());
    try (Socket socket = new Socket("127.0.0.1", uri.getPort())) {
      socket
          .getOutputStream()
          .write(
              ("PUT %s?%s HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n"
                      .formatted(uri.getRawPath(), uri.getRawQuery()))
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().write(bytes, 0, 1_000_000);
    }

    assertThat(put(created.getUploadUrl(), bytes).statusCode()).isEqualTo(200);
    assertThat(get(downloadUrl(created.getBlobId())).body()).isEqualTo(bytes);
    Instant deadline = Instant.now().plusSeconds(20);
    while (files(directory.resolve("incoming")) > 0 && Instant.now().isBefore(deadline)) {
      Thread.sleep(20);
    }
    assertThat(files(directory.resolve("incoming"))).isZero();
  }

  @Test
  void sizesOutsideTheLimitsAreRefused() {
    for (long length : new long[] {-1, Blobs.MAX_BLOB_BYTES + 1}) {
      assertThatThrownBy(() -> blobs.create(WORKSPACE, length, Optional.empty()))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining(String.valueOf(length));
    }
  }

  @Test
  void unfinishedBlobsAreForgotten() throws Exception {
    BlobCreateResponse unfinished = create(HELLO);
    Blob finished = blobs.store(WORKSPACE, HELLO);

    blobs.forgetUnfinished(Instant.now().minus(Duration.ofHours(1)));
    assertThat(blobs.require(WORKSPACE, new BlobId(unfinished.getBlobId()))).isNotNull();
    assertThat(blobs.forgetUnfinished(Instant.now().plusSeconds(60))).isPositive();

    assertThat(put(unfinished.getUploadUrl(), HELLO).statusCode()).isEqualTo(404);
    assertThat(blobs.require(WORKSPACE, finished.id())).isEqualTo(finished);
  }
}
