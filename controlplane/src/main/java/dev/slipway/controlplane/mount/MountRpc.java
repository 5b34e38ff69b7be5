package dev.slipway.controlplane.mount;

import com.google.protobuf.Timestamp;
import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.controlplane.blob.Blobs;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.BlobId;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.DeploymentNamespace;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.MountBatchedCheckExistenceRequest;
import dev.slipway.protocol.modal.MountBatchedCheckExistenceResponse;
import dev.slipway.protocol.modal.MountFile;
import dev.slipway.protocol.modal.MountGetOrCreateRequest;
import dev.slipway.protocol.modal.MountGetOrCreateResponse;
import dev.slipway.protocol.modal.MountHandleMetadata;
import dev.slipway.protocol.modal.MountPutFileRequest;
import dev.slipway.protocol.modal.MountPutFileResponse;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/// The methods that send files and make mounts of them.
public final class MountRpc implements RpcModule {
  /// Most digests that one check may ask for.
  static final int MAX_CHECKED = 10_000;

  private final Mounts mounts;
  private final GlobalMounts globals;
  private final Blobs blobs;
  private final ContentStore content;
  private final Clock clock;

  public MountRpc(
      Mounts mounts, GlobalMounts globals, Blobs blobs, ContentStore content, Clock clock) {
    this.mounts = mounts;
    this.globals = globals;
    this.blobs = blobs;
    this.content = content;
    this.clock = clock;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .unary(ModalClientGrpc.getMountBatchedCheckExistenceMethod(), this::checkExistence)
        .unary(ModalClientGrpc.getMountPutFileMethod(), this::putFile)
        .unary(ModalClientGrpc.getMountGetOrCreateMethod(), this::getOrCreate);
  }

  MountBatchedCheckExistenceResponse checkExistence(
      RpcContext context, MountBatchedCheckExistenceRequest request) {
    if (request.getSha256HexHashesCount() > MAX_CHECKED) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "one check of %d files is too large: the limit is %d"
              .formatted(request.getSha256HexHashesCount(), MAX_CHECKED));
    }
    Timestamp checkedAt = now();
    List<Digest> asked = request.getSha256HexHashesList().stream().map(Digest::new).toList();
    MountBatchedCheckExistenceResponse.Builder response =
        MountBatchedCheckExistenceResponse.newBuilder().setCheckedAt(checkedAt);
    mounts
        .listMissing(context.workspace(), asked)
        .forEach(digest -> response.addMissingSha256HexHashes(digest.hex()));
    return response.build();
  }

  MountPutFileResponse putFile(RpcContext context, MountPutFileRequest request) {
    Timestamp checkedAt = now();
    Digest digest = new Digest(request.getSha256Hex());
    boolean exists =
        switch (request.getDataOneofCase()) {
          case DATA -> {
            try (Upload upload = content.begin()) {
              upload.append(request.getData().asReadOnlyByteBuffer());
              mounts.put(context.workspace(), digest, upload);
            }
            yield true;
          }
          case DATA_BLOB_ID -> {
            BlobId blob = new BlobId(request.getDataBlobId());
            mounts.put(
                context.workspace(), digest, blobs.requireContent(context.workspace(), blob));
            yield true;
          }
          // Clients of 1.0 ask this way whether they have to send the file.
          case DATAONEOF_NOT_SET ->
              mounts.listMissing(context.workspace(), List.of(digest)).isEmpty();
        };
    return MountPutFileResponse.newBuilder().setExists(exists).setCheckedAt(checkedAt).build();
  }

  MountGetOrCreateResponse getOrCreate(RpcContext context, MountGetOrCreateRequest request) {
    return switch (request.getObjectCreationType()) {
      case OBJECT_CREATION_TYPE_ANONYMOUS_OWNED_BY_APP, OBJECT_CREATION_TYPE_EPHEMERAL -> {
        MountManifest manifest =
            mounts.create(
                context.workspace(), request.getFilesList().stream().map(MountRpc::entry).toList());
        yield response(manifest.id(), manifest.checksum());
      }
      case OBJECT_CREATION_TYPE_UNSPECIFIED -> {
        MountId id = lookUp(context, request);
        yield response(id, mounts.checksum(id));
      }
      case OBJECT_CREATION_TYPE_CREATE_IF_MISSING,
          OBJECT_CREATION_TYPE_CREATE_FAIL_IF_EXISTS,
          OBJECT_CREATION_TYPE_CREATE_OVERWRITE_IF_EXISTS ->
          throw new SlipwayException(
              ErrorKind.UNSUPPORTED,
              "the mount '%s' cannot be deployed under a name: mounts belong to the app that uses them"
                  .formatted(request.getDeploymentName()));
      case UNRECOGNIZED ->
          throw new SlipwayException(
              ErrorKind.INVALID,
              "object_creation_type %d is not known for mounts"
                  .formatted(request.getObjectCreationTypeValue()));
    };
  }

  private MountId lookUp(RpcContext context, MountGetOrCreateRequest request) {
    String name = request.getDeploymentName();
    if (request.getNamespace() == DeploymentNamespace.DEPLOYMENT_NAMESPACE_GLOBAL) {
      // Whoever asks is known, which is all that a mount for everybody needs.
      context.workspace();
      return globals.require(name);
    }
    throw new SlipwayException(
        ErrorKind.NOT_FOUND,
        "there is no mount named '%s': only the platform's own mounts have names".formatted(name));
  }

  private static Mounts.Entry entry(MountFile file) {
    return new Mounts.Entry(
        file.getFilename(),
        new Digest(file.getSha256Hex()),
        file.hasMode() ? OptionalInt.of(file.getMode()) : OptionalInt.empty());
  }

  private static MountGetOrCreateResponse response(MountId id, Digest checksum) {
    return MountGetOrCreateResponse.newBuilder()
        .setMountId(id.value())
        .setHandleMetadata(
            MountHandleMetadata.newBuilder().setContentChecksumSha256Hex(checksum.hex()))
        .build();
  }

  private Timestamp now() {
    Instant now = clock.instant();
    return Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()).build();
  }
}
