package dev.slipway.worker.rootfs;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.ContentChunk;
import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.ManifestFile;
import dev.slipway.protocol.worker.MountManifest;
import dev.slipway.protocol.worker.ReadContentRequest;
import dev.slipway.protocol.worker.ReadMountRequest;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Reads mounts and content over the channel that a worker has to the control plane. A connection
/// that breaks in the middle of a file is taken up where it broke.
public final class FleetContentSource implements ContentSource {
  /// Most attempts at one file or manifest.
  static final int MAX_ATTEMPTS = 4;

  /// Longest time that one attempt at a manifest takes.
  private static final int MANIFEST_DEADLINE_SECONDS = 60;

  /// Longest time that one attempt at a file takes.
  private static final int CONTENT_DEADLINE_SECONDS = 1_800;

  private static final long PAUSE_MILLIS = 250;

  private final FleetGrpc.FleetBlockingStub fleet;

  /// @param channel carries the worker's credentials already
  public FleetContentSource(Channel channel) {
    this.fleet = FleetGrpc.newBlockingStub(channel);
  }

  @Override
  public List<MountFile> readMount(MountId mount) throws IOException, InterruptedException {
    ReadMountRequest request = ReadMountRequest.newBuilder().setMountId(mount.value()).build();
    for (int attempt = 1; ; attempt++) {
      try {
        MountManifest manifest =
            fleet.withDeadlineAfter(MANIFEST_DEADLINE_SECONDS, TimeUnit.SECONDS).readMount(request);
        return manifest.getFilesList().stream().map(FleetContentSource::file).toList();
      } catch (StatusRuntimeException e) {
        pauseOrThrow("the mount " + mount, attempt, e);
      }
    }
  }

  @Override
  public void read(Digest digest, OutputStream into) throws IOException, InterruptedException {
    long offset = 0;
    for (int attempt = 1; ; attempt++) {
      Context.CancellableContext context = Context.current().withCancellation();
      Context before = context.attach();
      try {
        Iterator<ContentChunk> chunks =
            fleet
                .withDeadlineAfter(CONTENT_DEADLINE_SECONDS, TimeUnit.SECONDS)
                .readContent(
                    ReadContentRequest.newBuilder()
                        .setSha256Hex(digest.hex())
                        .setOffset(offset)
                        .build());
        while (chunks.hasNext()) {
          ContentChunk chunk = chunks.next();
          chunk.getData().writeTo(into);
          offset += chunk.getData().size();
        }
        return;
      } catch (StatusRuntimeException e) {
        pauseOrThrow("the content " + digest, attempt, e);
      } finally {
        context.detach(before);
        // Ends the stream when writing failed halfway.
        context.cancel(null);
      }
    }
  }

  private static MountFile file(ManifestFile file) {
    return new MountFile(
        file.getPath(), new Digest(file.getSha256Hex()), file.getSize(), file.getMode());
  }

  private static void pauseOrThrow(String what, int attempt, StatusRuntimeException failure)
      throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    Status status = failure.getStatus();
    if (status.getCode() == Status.Code.NOT_FOUND) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND, "the control plane does not have " + what, failure);
    }
    boolean again =
        status.getCode() == Status.Code.UNAVAILABLE
            || status.getCode() == Status.Code.DEADLINE_EXCEEDED;
    if (!again || attempt >= MAX_ATTEMPTS) {
      throw new IOException("cannot read " + what + " from the control plane: " + status, failure);
    }
    Thread.sleep(PAUSE_MILLIS << attempt);
  }
}
