package dev.slipway.worker.build;

import dev.slipway.worker.base.BaseImage;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystem;
import dev.slipway.worker.rootfs.RootFilesystems;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The files of earlier stages, and of the build context, mounted when a step first asks for them.
/// For one thread.
final class StageTrees implements AutoCloseable {
  private final OverlayRoots roots;
  private final RootFilesystems composed;
  private final List<BaseImage> stages;
  private final Path nothing;
  private final Map<Integer, RootFilesystem> mounted = new HashMap<>();
  private final List<RootFilesystem> temporary = new ArrayList<>();

  /// @param nothing an empty directory
  StageTrees(OverlayRoots roots, RootFilesystems composed, List<BaseImage> stages, Path nothing) {
    this.roots = roots;
    this.composed = composed;
    this.stages = List.copyOf(stages);
    this.nothing = nothing;
  }

  /// Where the root file system of a stage is.
  Path root(int stage) throws IOException {
    RootFilesystem known = mounted.get(stage);
    if (known == null) {
      List<Path> lowers = composed.imageLowers(stages.get(stage).layers());
      known = mount(lowers.isEmpty() ? List.of(nothing) : lowers);
      mounted.put(stage, known);
    }
    return known.root();
  }

  /// Some directories as one, for a single step: what is written there is dropped.
  Path joined(List<Path> directories) throws IOException {
    RootFilesystem root = mount(directories);
    temporary.add(root);
    return root.root();
  }

  /// The files of a stage for a single step that may write to them.
  Path copyOf(int stage) throws IOException {
    List<Path> lowers = composed.imageLowers(stages.get(stage).layers());
    return joined(lowers.isEmpty() ? List.of(nothing) : lowers);
  }

  /// Takes away what was there for a single step.
  void endStep() {
    temporary.forEach(RootFilesystem::close);
    temporary.clear();
  }

  private RootFilesystem mount(List<Path> lowers) throws IOException {
    return roots.mount("stage-" + UUID.randomUUID(), lowers);
  }

  @Override
  public void close() {
    endStep();
    mounted.values().forEach(RootFilesystem::close);
  }
}
