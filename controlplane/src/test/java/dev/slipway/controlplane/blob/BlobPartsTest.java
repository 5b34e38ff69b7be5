package dev.slipway.controlplane.blob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.protocol.modal.BlobCreateRequest;
import dev.slipway.protocol.modal.BlobCreateResponse;
import dev.slipway.protocol.modal.MultiPartUpload;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Large blobs, and blobs on hosts that the client does not know: uploaded in parts.
final class BlobPartsTest extends BlobDoor {
  @Test
  void partsArePutTogether() throws Exception {
    byte[] bytes = random((int) BlobUploads.PART_BYTES + 1_000_003);
    BlobCreateResponse created = create(bytes);
    MultiPartUpload upload = created.getMultiparts().getItems(0);
    assertThat(upload.getUploadUrlsCount()).isEqualTo(2);
    assertThat(created.getMultipart()).isEqualTo(upload);

    byte[] first = Arrays.copyOfRange(bytes, 0, (int) upload.getPartLength());
    byte[] second = Arrays.copyOfRange(bytes, (int) upload.getPartLength(), bytes.length);
    assertThat(complete(upload, md5(first), md5(second)).statusCode()).isEqualTo(400);
    // The last part first: the client sends them side by side.
    assertThat(put(upload.getUploadUrls(1), second).headers().firstValue("etag"))
        .contains('"' + md5(second) + '"');
    assertThat(put(upload.getUploadUrls(1), first).statusCode()).isEqualTo(413);
    assertThat(put(upload.getUploadUrls(0), first).statusCode()).isEqualTo(200);
    assertThat(complete(upload, md5(second), md5(first)).statusCode()).isEqualTo(400);

    HttpResponse<String> completed = complete(upload, md5(first), md5(second));
    assertThat(completed.statusCode()).isEqualTo(200);
    assertThat(completed.body()).contains(wholeTag(first, second) + "-2");
    assertThat(complete(upload, md5(first), md5(second)).body()).isEqualTo(completed.body());
    assertThat(get(downloadUrl(created.getBlobId())).body()).isEqualTo(bytes);
  }

  @Test
  void hostsThatTheClientDoesNotKnowGetParts() {
    BlobCreateRequest request = BlobCreateRequest.newBuilder().setContentLength(5).build();

    BlobCreateResponse outside =
        rpc("http://cloud.example:8470").create(context(ClientKind.PYTHON), request);
    assertThat(outside.getMultiparts().getItems(0).getUploadUrlsList())
        .singleElement()
        .asString()
        .startsWith("http://cloud.example:8470/blob/bl-");
    BlobCreateResponse javascript =
        rpc("http://cloud.example:8470").create(context(ClientKind.JAVASCRIPT), request);
    assertThat(javascript.getUploadUrl()).startsWith("http://cloud.example:8470/blob/bl-");
    assertThat(
            Stream.of("localhost", "127.0.0.1")
                .filter(host -> BlobRpc.takesSingleUploads("http://" + host + ":8470")))
        .hasSize(2);
    assertThat(
            Stream.of(
                    "10.80.0.1",
                    "192.168.1.5",
                    "minio",
                    "8.8.8.8",
                    "172.32.0.1",
                    "10.example.com",
                    "localhost.example")
                .filter(host -> BlobRpc.takesSingleUploads("http://" + host)))
        .isEmpty();
  }
}
