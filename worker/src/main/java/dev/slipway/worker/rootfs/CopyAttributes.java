package dev.slipway.worker.rootfs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.content.files.FileNodes;
import dev.slipway.model.ModeChange;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// To whom copies belong, and what they permit.
///
/// @param owner absent: the owner of what is copied
/// @param mode what becomes of the permission bits; absent: those of what is copied
public record CopyAttributes(Optional<Owner> owner, Optional<ModeChange> mode) {
  /// What a file lets its program do that the user who runs it may not.
  private static final String CAPABILITIES = "security.capability";

  private static final int MOST_CAPABILITY_BYTES = 64;
  private static final int SET_ID_BITS = 06000;

  /// A user and a group, in the container's numbers.
  public record Owner(int uid, int gid) {}

  /// Copies that belong to the containers' root.
  public static CopyAttributes ofRoot() {
    return new CopyAttributes(Optional.of(new Owner(0, 0)), Optional.empty());
  }

  /// Gives a copy, which is of the kind of its source, what it should have.
  void apply(SourceFile source, Path copy) throws IOException {
    int uid;
    int gid;
    if (owner.isPresent()) {
      uid = owner.get().uid();
      gid = owner.get().gid();
    } else {
      uid = Ownership.inside(source.uid());
      gid = Ownership.inside(source.gid());
    }
    Ownership.give(copy, uid, gid);
    if (source.isSymbolicLink()) {
      return;
    }
    // The kernel takes it away when an owner changes.
    Optional<byte[]> capabilities =
        FileNodes.findAttribute(source.path(), CAPABILITIES, MOST_CAPABILITY_BYTES);
    if (capabilities.isPresent()) {
      FileNodes.setAttribute(copy, CAPABILITIES, capabilities.get());
    }
    int kept = source.permissions();
    int bits = mode.isPresent() ? mode.get().apply(kept, source.isDirectory()) : kept;
    if (source.isPipe()) {
      // No link: to ask for none would open it, and wait for its other end.
      Files.setAttribute(copy, "unix:mode", bits);
    } else if (mode.isPresent() || (kept & SET_ID_BITS) != 0 || source.isDirectory()) {
      // The kernel takes the set-user-id bit away when an owner changes.
      Files.setAttribute(copy, "unix:mode", bits, NOFOLLOW_LINKS);
    }
  }
}
