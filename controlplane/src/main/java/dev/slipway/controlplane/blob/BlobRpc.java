package dev.slipway.controlplane.blob;

import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.BlobId;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.BlobCreateRequest;
import dev.slipway.protocol.modal.BlobCreateResponse;
import dev.slipway.protocol.modal.BlobGetRequest;
import dev.slipway.protocol.modal.BlobGetResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.MultiPartUpload;
import dev.slipway.protocol.modal.MultiPartUploadList;
import dev.slipway.protocol.modal.UploadUrlList;
import java.net.URI;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

/// The methods that announce blobs and tell where they are.
public final class BlobRpc implements RpcModule {
  /// How long an upload may begin after it was announced.
  static final Duration UPLOAD_VALIDITY = Duration.ofHours(24);

  /// How long a download may begin after it was asked for.
  static final Duration DOWNLOAD_VALIDITY = Duration.ofHours(6);

  /// Hosts to which every supported client uploads in one piece. To others, newer clients do so
  /// where the address is private, 1.0.5 never does and fails: all of them upload there in parts.
  private static final Pattern SINGLE_UPLOAD_HOST = Pattern.compile("localhost|127\\.0\\.0\\.1");

  private final Blobs blobs;
  private final BlobLinks links;
  private final BlobAddresses addresses;

  public BlobRpc(Blobs blobs, BlobLinks links, BlobAddresses addresses) {
    this.blobs = blobs;
    this.links = links;
    this.addresses = addresses;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .unary(ModalClientGrpc.getBlobCreateMethod(), this::create)
        .unary(ModalClientGrpc.getBlobGetMethod(), this::get);
  }

  BlobCreateResponse create(RpcContext context, BlobCreateRequest request) {
    Blob blob =
        blobs.create(
            context.workspace(),
            request.getContentLength(),
            digest(request.getContentSha256Base64()));
    String base = addresses.baseUrl(context.caller());
    String whole = base + seal(blob, BlobLink.Purpose.UPLOAD, 0);
    // Clients of different ages and languages read different ones of these fields: the old form and
    // the list say the same. JavaScript and Go upload in one piece only, whatever the length.
    BlobCreateResponse.Builder response =
        BlobCreateResponse.newBuilder()
            .setBlobId(blob.id().value())
            .addBlobIds(blob.id().value())
            .setUploadUrl(whole);
    if (blob.declaredLength() <= BlobUploads.PART_BYTES && takesSingleUploads(base)) {
      return response.setUploadUrls(UploadUrlList.newBuilder().addItems(whole)).build();
    }
    MultiPartUpload parts = parts(blob, base);
    response.setMultiparts(MultiPartUploadList.newBuilder().addItems(parts));
    return switch (context.clientKind()) {
      case PYTHON, CONTAINER -> response.setMultipart(parts).build();
      case JAVASCRIPT, GO -> response.build();
    };
  }

  BlobGetResponse get(RpcContext context, BlobGetRequest request) {
    Blob blob = blobs.require(context.workspace(), new BlobId(request.getBlobId()));
    Blobs.requireContent(blob);
    BlobLink link =
        new BlobLink(blob.id(), BlobLink.Purpose.DOWNLOAD, 0, links.now().plus(DOWNLOAD_VALIDITY));
    return BlobGetResponse.newBuilder()
        .setDownloadUrl(addresses.baseUrl(context.caller()) + links.seal(link))
        .build();
  }

  private MultiPartUpload parts(Blob blob, String base) {
    MultiPartUpload.Builder parts =
        MultiPartUpload.newBuilder()
            .setPartLength(BlobUploads.PART_BYTES)
            .setCompletionUrl(base + seal(blob, BlobLink.Purpose.COMPLETE, 0));
    for (int part = 1; part <= BlobUploads.partCount(blob.declaredLength()); part++) {
      parts.addUploadUrls(base + seal(blob, BlobLink.Purpose.UPLOAD_PART, part));
    }
    return parts.build();
  }

  private String seal(Blob blob, BlobLink.Purpose purpose, int part) {
    return links.seal(new BlobLink(blob.id(), purpose, part, links.now().plus(UPLOAD_VALIDITY)));
  }

  static boolean takesSingleUploads(String baseUrl) {
    String host = URI.create(baseUrl).getHost();
    return host != null && SINGLE_UPLOAD_HOST.matcher(host).matches();
  }

  private static Optional<Digest> digest(String base64) {
    if (base64.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Digest.of(Base64.getDecoder().decode(base64)));
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "content_sha256_base64 is not base64 of a SHA-256 digest: '" + base64 + "'",
          e);
    }
  }
}
