package dev.slipway.launcher;

import dev.slipway.content.ContentStore;
import dev.slipway.controlplane.image.ContextMounts;
import dev.slipway.controlplane.mount.MountFile;
import dev.slipway.controlplane.mount.MountManifest;
import dev.slipway.controlplane.mount.Mounts;
import dev.slipway.controlplane.supply.PlatformMounts;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.images.plan.BuildContext;
import dev.slipway.images.web.Destinations;
import dev.slipway.images.web.Wanted;
import dev.slipway.images.web.WebFile;
import dev.slipway.images.web.WebFiles;
import dev.slipway.images.web.WebLimits;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;

/// Images are made with what their workspace has, and with what the platform supplies.
///
/// @param known what some mounts hold: a client asks about the same ones in every run, and what an
///   id stands for never changes
record BuildMounts(
    Mounts mounts,
    PlatformMounts platform,
    WebFiles web,
    Map<MountId, Map<String, BuildContext.File>> known)
    implements ContextMounts {
  /// Most mounts that are remembered; past it the memory is emptied and refills.
  private static final int MAX_REMEMBERED = 16;

  /// Files of the web belong to root alone, as everywhere.
  private static final int ADDED_MODE = 0600;

  /// Most files of a mount that is remembered.
  private static final int MAX_FILES = 10_000;

  /// @param environment of this process, which says how the web is reached
  BuildMounts(
      Mounts mounts,
      PlatformMounts platform,
      ContentStore content,
      Map<String, String> environment) {
    this(
        mounts,
        platform,
        new WebFiles(
            content, WebLimits.usual(), Destinations.elsewhere(), Outbound.of(environment)),
        new ConcurrentHashMap<>());
  }

  @Override
  public Fetched fetch(WorkspaceId workspace, List<Wanted> wanted) throws InterruptedException {
    Map<String, Mounts.Entry> entries = new LinkedHashMap<>();
    for (Wanted each : wanted) {
      WebFile file = web.fetch(each);
      mounts.adopt(workspace, file.digest(), file.length());
      entries.put(
          file.name(),
          new Mounts.Entry("/" + file.name(), file.digest(), OptionalInt.of(ADDED_MODE)));
    }
    MountManifest made = mounts.create(workspace, List.copyOf(entries.values()));
    return new Fetched(made.id(), List.copyOf(entries.keySet()));
  }

  @Override
  public long requireVisible(WorkspaceId workspace, MountId mount) {
    return mounts.requireVisible(workspace, List.of(mount)).values().iterator().next();
  }

  @Override
  public Map<String, BuildContext.File> files(MountId mount) {
    Map<String, BuildContext.File> files = known.get(mount);
    if (files == null) {
      files = read(mount);
      if (known.size() >= MAX_REMEMBERED) {
        known.clear();
      }
      if (files.size() <= MAX_FILES) {
        known.put(mount, files);
      }
    }
    return files;
  }

  private Map<String, BuildContext.File> read(MountId mount) {
    Map<String, BuildContext.File> files = new HashMap<>();
    for (MountFile file : mounts.manifest(mount).files()) {
      files.put(file.path(), new BuildContext.File(file.digest(), file.mode()));
    }
    return files;
  }

  @Override
  public Optional<String> describe(MountId mount) {
    return platform.describe(mount);
  }
}
