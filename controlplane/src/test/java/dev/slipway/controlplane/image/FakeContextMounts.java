package dev.slipway.controlplane.image;

import dev.slipway.images.plan.BuildContext;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Mounts of everybody, each with one file, equal where their ids are equally long.
///
/// @param web what is at which address
record FakeContextMounts(Map<String, MountId> web) implements ContextMounts {
  /// One that has 10 GiB.
  static final MountId HUGE = new MountId("mo-huge");

  FakeContextMounts() {
    this(new ConcurrentHashMap<>());
  }

  @Override
  public Fetched fetch(WorkspaceId workspace, String address) {
    MountId mount = web.get(address);
    if (mount == null) {
      throw new SlipwayException(ErrorKind.NOT_FOUND, "there is no " + address);
    }
    return new Fetched(mount, address.replaceAll("\\?.*", "").replaceAll(".*/", ""));
  }

  @Override
  public void requireVisible(WorkspaceId workspace, MountId mount) {}

  @Override
  public Map<String, BuildContext.File> files(MountId mount) {
    return Map.of(
        "/file", new BuildContext.File(new Digest("%064x".formatted(mount.value().length())), 0));
  }

  @Override
  public long sizeBytes(MountId mount) {
    return mount.equals(HUGE) ? 10L << 30 : 1;
  }

  @Override
  public Optional<String> describe(MountId mount) {
    return Optional.empty();
  }
}
