package dev.slipway.worker.rootfs;

import dev.slipway.model.MountId;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Composes root file systems of containers.
public final class RootFilesystems {
  /// Most pairs of an image and its mounts whose placement is remembered.
  static final int MAX_REMEMBERED_PLACEMENTS = 1_000;

  private final OverlayRoots roots;
  private final LayerStore layers;
  private final MountTrees mounts;
  private final BytecodeLayers bytecode;
  private final Map<PlacementKey, Placed> placements =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PlacementKey, Placed> eldest) {
          return size() > MAX_REMEMBERED_PLACEMENTS;
        }
      };

  public RootFilesystems(
      OverlayRoots roots, LayerStore layers, MountTrees mounts, BytecodeLayers bytecode) {
    this.roots = roots;
    this.layers = layers;
    this.mounts = mounts;
    this.bytecode = bytecode;
  }

  private record PlacementKey(
      List<LayerId> layers, List<MountReference> mounts, String searchPath) {}

  /// What is found out about an image and its mounts only once, because neither changes.
  private record Placed(MountPlacement placement, Optional<PythonTag> python) {}

  /// Composes and mounts a root file system. Mounts that are not on this machine are fetched.
  ///
  /// @param id of the container; no other root file system may have it at the time
  /// @param layerIds of the image, bottom to top
  /// @param references where two mounts have the same path, the later one wins
  /// @param searchPath the image's `PATH`, which says what Python it runs; empty for the usual one
  /// @throws dev.slipway.model.SlipwayException of kind `NOT_FOUND` when a layer or mount is
  ///   missing
  public RootFilesystem compose(
      String id, List<LayerId> layerIds, List<MountReference> references, String searchPath)
      throws IOException, InterruptedException {
    return compose(id, 0, layerIds, references, searchPath);
  }

  /// Like [#compose(String, List, List, String)], with disk of its own for what is written to it.
  ///
  /// @param diskMib most that can be written; 0 is whatever the machine has
  public RootFilesystem compose(
      String id,
      int diskMib,
      List<LayerId> layerIds,
      List<MountReference> references,
      String searchPath)
      throws IOException, InterruptedException {
    return compose(
        (lowers, prepare) ->
            diskMib == 0
                ? roots.mount(id, lowers, prepare)
                : roots.mountOnDisk(id, diskMib, lowers, prepare),
        layerIds,
        references,
        searchPath);
  }

  /// Like [#compose(String, List, List, String)]; the changes become a layer.
  public RootFilesystem compose(
      LayerStaging layer,
      List<LayerId> layerIds,
      List<MountReference> references,
      String searchPath)
      throws IOException, InterruptedException {
    return compose(
        (lowers, prepare) -> roots.mount(layer, lowers, prepare), layerIds, references, searchPath);
  }

  /// Mounts an overlay.
  private interface Mounting {
    RootFilesystem mount(List<Path> lowers, OverlayRoots.Preparation prepare)
        throws IOException, InterruptedException;
  }

  private RootFilesystem compose(
      Mounting mounting, List<LayerId> layerIds, List<MountReference> references, String searchPath)
      throws IOException, InterruptedException {
    List<Path> image = imageLowers(layerIds);
    List<MountTree> trees = trees(references);
    Placed placed = place(new PlacementKey(layerIds, references, searchPath), image, trees);
    int layered = placed.placement().layered();
    List<Path> lowers = new ArrayList<>();
    if (placed.python().isPresent()) {
      List<MountTree> platform = platformTrees(references.subList(0, layered), trees);
      bytecode.find(placed.python().get(), platform).map(Layer::diff).ifPresent(lowers::add);
      if (lowers.isEmpty()) {
        bytecode.prepare(placed.python().get(), image, platform);
      }
    }
    trees.subList(0, layered).reversed().forEach(tree -> lowers.add(tree.root()));
    lowers.addAll(image);
    RootFilesystem root = mounting.mount(lowers, placed.placement()::makeKept);
    try {
      TreeCopy copy = new TreeCopy(new InsideRoot(root.root()));
      for (MountTree tree : trees.subList(layered, trees.size())) {
        copy.copyContents(tree.root(), "");
      }
      return root;
    } catch (IOException | RuntimeException e) {
      root.close();
      throw e;
    }
  }

  /// Fetches mounts and begins to compile bytecode before a container asks for them.
  public void prefetch(List<LayerId> layerIds, List<MountReference> references, String searchPath)
      throws IOException, InterruptedException {
    List<Path> image = imageLowers(layerIds);
    List<MountTree> trees = trees(references);
    Placed placed = place(new PlacementKey(layerIds, references, searchPath), image, trees);
    placed
        .python()
        .ifPresent(python -> bytecode.prepare(python, image, platformTrees(references, trees)));
  }

  /// The layers of an image as lower directories, top to bottom, without those that change nothing.
  public List<Path> imageLowers(List<LayerId> layerIds) {
    List<Layer> found = layers.requireAll(layerIds);
    List<Path> lowers =
        found.reversed().stream().filter(layer -> !layer.empty()).map(Layer::diff).toList();
    // An image of nothing but empty layers still needs one directory to lie above.
    return lowers.isEmpty() && !found.isEmpty() ? List.of(found.getLast().diff()) : lowers;
  }

  private List<MountTree> trees(List<MountReference> references)
      throws IOException, InterruptedException {
    List<MountId> ids = references.stream().map(MountReference::id).toList();
    return mounts.requireAll(ids);
  }

  private Placed place(PlacementKey key, List<Path> image, List<MountTree> trees)
      throws IOException {
    synchronized (placements) {
      Placed known = placements.get(key);
      if (known != null) {
        return known;
      }
    }
    LayeredView view = new LayeredView(image);
    boolean platform = key.mounts().stream().anyMatch(MountReference::compileBytecode);
    Placed placed =
        new Placed(
            MountPlacement.of(view, trees),
            platform ? PythonTag.find(view, key.searchPath()) : Optional.empty());
    synchronized (placements) {
      placements.put(key, placed);
    }
    return placed;
  }

  private static List<MountTree> platformTrees(
      List<MountReference> references, List<MountTree> trees) {
    List<MountTree> platform = new ArrayList<>();
    for (int i = 0; i < references.size(); i++) {
      if (references.get(i).compileBytecode()) {
        platform.add(trees.get(i));
      }
    }
    return platform;
  }
}
