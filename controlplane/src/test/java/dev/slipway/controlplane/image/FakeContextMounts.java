package dev.slipway.controlplane.image;

import dev.slipway.images.plan.BuildContext;
import dev.slipway.images.web.Wanted;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.ArrayList;
import java.util.List;
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
  public Fetched fetch(WorkspaceId workspace, List<Wanted> files) {
    List<String> names = new ArrayList<>();
    StringBuilder mount = new StringBuilder();
    for (Wanted file : files) {
      MountId one = web.get(file.address());
      if (one == null) {
        throw new SlipwayException(ErrorKind.NOT_FOUND, "there is no " + file.address());
      }
      String name = file.address().replaceAll("\\?.*", "").replaceAll(".*/", "");
      names.add(name.isEmpty() ? file.name() : name);
      mount.append(mount.isEmpty() ? one.value() : one.value().substring("mo-".length()));
      file.checksum().ifPresent(sum -> mount.append(sum.hex(), 0, 4));
    }
    return new Fetched(new MountId(mount.toString()), names);
  }

  @Override
  public long requireVisible(WorkspaceId workspace, MountId mount) {
    return mount.equals(HUGE) ? 10L << 30 : 1;
  }

  @Override
  public Map<String, BuildContext.File> files(MountId mount) {
    return Map.of(
        "/file", new BuildContext.File(new Digest("%064x".formatted(mount.value().length())), 0));
  }

  @Override
  public Optional<String> describe(MountId mount) {
    return Optional.empty();
  }
}
