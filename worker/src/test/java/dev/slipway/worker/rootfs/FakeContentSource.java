package dev.slipway.worker.rootfs;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Mounts and contents in memory.
public final class FakeContentSource implements ContentSource {
  private final Map<MountId, List<MountFile>> mounts = new ConcurrentHashMap<>();
  private final Map<Digest, byte[]> contents = new ConcurrentHashMap<>();
  final AtomicInteger manifestsRead = new AtomicInteger();

  /// Adds a mount of these files: path to text.
  public MountId mount(String id, Map<String, String> files) {
    List<MountFile> manifest = new ArrayList<>();
    files.forEach((path, text) -> manifest.add(file(path, text, 0)));
    return mount(id, manifest);
  }

  public MountId mount(String id, List<MountFile> files) {
    MountId mount = new MountId(id);
    mounts.put(mount, List.copyOf(files));
    return mount;
  }

  /// A file whose text this source then has.
  public MountFile file(String path, String text, int mode) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Digest digest = digest(bytes);
    contents.put(digest, bytes);
    return new MountFile(path, digest, bytes.length, mode);
  }

  void damage(Digest digest) {
    contents.put(digest, new byte[] {1});
  }

  @Override
  public List<MountFile> readMount(MountId mount) throws InterruptedException {
    manifestsRead.incrementAndGet();
    // Long enough for others to ask for the same mount meanwhile.
    Thread.sleep(50);
    List<MountFile> files = mounts.get(mount);
    if (files == null) {
      throw new SlipwayException(ErrorKind.NOT_FOUND, "no mount " + mount);
    }
    return files;
  }

  @Override
  public void read(Digest digest, OutputStream into) throws IOException {
    byte[] bytes = contents.get(digest);
    if (bytes == null) {
      throw new SlipwayException(ErrorKind.NOT_FOUND, "no content " + digest);
    }
    into.write(bytes);
  }

  private static Digest digest(byte[] bytes) {
    try {
      return Digest.of(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
