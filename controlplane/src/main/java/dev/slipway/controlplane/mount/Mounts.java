package dev.slipway.controlplane.mount;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.controlplane.blob.Blob;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Mounts: files first, sent one by one and kept once per content, then sets of them. A workspace
/// makes mounts of the files that it sent itself, and sees the mounts that it made and those that
/// the platform supplies.
public final class Mounts {
  private final MountStore store;
  private final ContentStore content;

  public Mounts(MountStore store, ContentStore content) {
    this.store = store;
    this.content = content;
  }

  /// A file of a mount to be made.
  ///
  /// @param mode permission bits; empty stands for 0644
  public record Entry(String path, Digest digest, OptionalInt mode) {}

  /// Those of the files that the workspace still has to send.
  public Set<Digest> listMissing(WorkspaceId workspace, Collection<Digest> digests) {
    Map<Digest, Long> sent = store.checkUploads(workspace, digests);
    Set<Digest> missing = new LinkedHashSet<>();
    for (Digest digest : digests) {
      if (!sent.containsKey(digest) || !content.contains(digest)) {
        missing.add(digest);
      }
    }
    return missing;
  }

  /// Takes in a file of the workspace. Fails with `INVALID` when the bytes have another digest.
  public void put(WorkspaceId workspace, Digest digest, Upload bytes) {
    long size = bytes.length();
    bytes.commit(digest);
    store.saveUpload(workspace, digest, size);
  }

  /// Takes in a file of the workspace that came as a blob.
  public void put(WorkspaceId workspace, Digest digest, Blob.Content blob) {
    if (!blob.digest().equals(digest)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the blob has the SHA-256 digest %s, expected was %s".formatted(blob.digest(), digest));
    }
    store.saveUpload(workspace, digest, blob.length());
  }

  /// Takes in a file for the workspace that is in the content store already.
  public void adopt(WorkspaceId workspace, Digest digest, long size) {
    store.saveUpload(workspace, digest, size);
  }

  /// Makes the mount of files that were sent before, or finds it where it was made before.
  public MountManifest create(WorkspaceId workspace, List<Entry> entries) {
    Set<Digest> digests = new LinkedHashSet<>();
    entries.forEach(entry -> digests.add(entry.digest()));
    Map<Digest, Long> sizes = store.checkUploads(workspace, digests);
    List<MountFile> files = new ArrayList<>(entries.size());
    for (Entry entry : entries) {
      Long size = sizes.get(entry.digest());
      if (size == null) {
        throw new SlipwayException(
            ErrorKind.CONFLICT,
            "the file '%s' with the digest %s was not uploaded before its mount was made"
                .formatted(entry.path(), entry.digest()));
      }
      files.add(
          new MountFile(
              entry.path(), entry.digest(), size, entry.mode().orElse(MountFile.DEFAULT_MODE)));
    }
    MountManifest manifest = MountManifest.of(files);
    store.save(workspace, manifest);
    return manifest;
  }

  /// Makes a mount that every workspace sees. Its files must be in the content store.
  public MountId createPlatform(String name, Collection<MountFile> files) {
    MountManifest manifest = MountManifest.of(files);
    store.savePlatform(name, manifest);
    return manifest.id();
  }

  /// The mount that the platform made under this name.
  public Optional<MountId> findPlatform(String name) {
    return store.findPlatform(name);
  }

  /// Whether the platform made this mount.
  public boolean isPlatform(MountId id) {
    return store.isPlatform(id);
  }

  /// Refuses mounts that the workspace neither made nor is supplied with.
  ///
  /// @return the sums of the sizes of their files, in bytes
  public Map<MountId, Long> requireVisible(WorkspaceId workspace, Collection<MountId> ids) {
    Map<MountId, Long> visible = ids.isEmpty() ? Map.of() : store.listVisible(workspace, ids);
    for (MountId id : ids) {
      if (!visible.containsKey(id)) {
        throw notFound(id);
      }
    }
    return visible;
  }

  /// SHA-256 of what the mount holds.
  public Digest checksum(MountId id) {
    return store.findChecksum(id).orElseThrow(() -> notFound(id));
  }

  /// The mount's files, for whoever may have them: see [#requireVisible].
  public MountManifest manifest(MountId id) {
    return store.findManifest(id).orElseThrow(() -> notFound(id));
  }

  /// Those of the contents that are files of a mount, or were sent lately to become one.
  public Set<Digest> listUsed(Collection<Digest> digests) {
    return store.listUsed(digests);
  }

  /// Forgets files that were sent, or last asked about, before the given time and that no mount of
  /// anybody has: to be used again they must be sent again. The number of them.
  public int forgetUploadsBefore(Instant time) {
    return store.deleteUploadsBefore(time);
  }

  private static SlipwayException notFound(MountId id) {
    return new SlipwayException(ErrorKind.NOT_FOUND, "there is no mount " + id);
  }
}
