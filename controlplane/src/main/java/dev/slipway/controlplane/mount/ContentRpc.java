package dev.slipway.controlplane.mount;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.content.ContentStore;
import dev.slipway.controlplane.rpc.Audience;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.ContentChunk;
import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.ManifestFile;
import dev.slipway.protocol.worker.ReadContentRequest;
import dev.slipway.protocol.worker.ReadMountRequest;
import java.io.IOException;
import java.io.InputStream;

/// The methods through which workers fetch mounts and their bytes.
public final class ContentRpc implements RpcModule {
  /// Bytes per message. The stream's flow control decides how many are on their way.
  private static final int CHUNK_BYTES = 256 << 10;

  private final Mounts mounts;
  private final ContentStore content;

  public ContentRpc(Mounts mounts, ContentStore content) {
    this.mounts = mounts;
    this.content = content;
  }

  @Override
  public void contribute(Methods methods) {
    methods.openTo(Audience.WORKERS).stream(FleetGrpc.getReadContentMethod(), this::readContent)
        .unary(FleetGrpc.getReadMountMethod(), this::readMount);
  }

  void readContent(RpcContext context, ReadContentRequest request, Replies<ContentChunk> replies)
      throws Exception {
    Digest digest = new Digest(request.getSha256Hex());
    if (request.getOffset() < 0) {
      throw new SlipwayException(
          ErrorKind.INVALID, "the offset " + request.getOffset() + " is beyond any content");
    }
    try (InputStream bytes = content.open(digest, request.getOffset(), Long.MAX_VALUE)) {
      while (true) {
        byte[] chunk = bytes.readNBytes(CHUNK_BYTES);
        if (chunk.length == 0) {
          return;
        }
        // Nobody else has the array.
        replies.send(
            ContentChunk.newBuilder().setData(UnsafeByteOperations.unsafeWrap(chunk)).build());
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the content " + digest + " cannot be read: " + e.getMessage(), e);
    }
  }

  dev.slipway.protocol.worker.MountManifest readMount(
      RpcContext context, ReadMountRequest request) {
    MountId id = new MountId(request.getMountId());
    var reply = dev.slipway.protocol.worker.MountManifest.newBuilder().setMountId(id.value());
    for (MountFile file : mounts.manifest(id).files()) {
      reply.addFiles(
          ManifestFile.newBuilder()
              .setPath(file.path())
              .setSha256Hex(file.digest().hex())
              .setSize(file.size())
              .setMode(file.mode()));
    }
    return reply.build();
  }
}
