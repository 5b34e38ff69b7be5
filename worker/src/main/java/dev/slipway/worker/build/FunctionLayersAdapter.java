package dev.slipway.worker.build;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.BuiltImage;
import dev.slipway.protocol.worker.StartTask;
import dev.slipway.worker.agent.LayerKeeping;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.rootfs.LayeredView;
import dev.slipway.worker.rootfs.MountReference;
import dev.slipway.worker.rootfs.RootFilesystem;
import dev.slipway.worker.rootfs.RootFilesystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Layers that functions make: the directory that takes the changes of such a container is the
/// layer, without what the platform put there.
public final class FunctionLayersAdapter implements LayerKeeping {
  /// Directories of the platform, and those in which things are mounted.
  private static final List<String> PLATFORM = List.of("pkg", "__modal", "proc", "sys", "dev");

  /// Files that are mounted over those of the image.
  private static final List<String> MOUNTED = List.of("resolv.conf", "hosts", "hostname");

  private final LayerStore layers;
  private final RootFilesystems roots;
  private final DiskRoom room;
  private final ImageFacts facts;
  private final BuiltImages images;

  public FunctionLayersAdapter(
      LayerStore layers, RootFilesystems roots, LayerCommand command, DiskRoom room) {
    this.layers = layers;
    this.roots = roots;
    this.room = room;
    this.facts = new ImageFacts(command);
    this.images = new BuiltImages(layers);
  }

  @Override
  public Keeper open(StartTask order, List<MountReference> mounts)
      throws IOException, InterruptedException {
    List<LayerId> image = LayerId.listOf(order.getImage().getLayerIdsList());
    ImageConfig config = BuildingAdapter.config(order.getImage().getConfig());
    LayerStaging staging = layers.stage();
    try {
      RootFilesystem root =
          roots.compose(staging, image, mounts, config.environment().getOrDefault("PATH", ""));
      return new Kept(new LayerId(order.getKeptLayerId()), image, config, staging, root);
    } catch (IOException | RuntimeException | InterruptedException e) {
      staging.close();
      throw e;
    }
  }

  private final class Kept implements Keeper {
    private final LayerId layer;
    private final List<LayerId> image;
    private final ImageConfig config;
    private final LayerStaging staging;
    private final RootFilesystem root;
    private @Nullable RoomWatch watch;

    Kept(
        LayerId layer,
        List<LayerId> image,
        ImageConfig config,
        LayerStaging staging,
        RootFilesystem root) {
      this.layer = layer;
      this.image = image;
      this.config = config;
      this.staging = staging;
      this.root = root;
    }

    @Override
    public RootFilesystem root() {
      return root;
    }

    @Override
    public void limit(Runnable stop) throws IOException {
      try {
        watch = room.watch(staging.diff(), stop);
        watch.during("the container of the function");
      } catch (FailedBuildException e) {
        throw new SlipwayException(ErrorKind.EXHAUSTED, String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    public Optional<String> overrun() {
      return Optional.ofNullable(watch)
          .flatMap(RoomWatch::failure)
          .map(failure -> String.valueOf(failure.getMessage()));
    }

    @Override
    public BuiltImage keep() throws IOException, InterruptedException {
      unwatch();
      List<Path> all = new ArrayList<>(List.of(staging.diff()));
      all.addAll(roots.imageLowers(image));
      ImageFacts.Facts found = facts.find(root.root(), new LayeredView(all), config, _ -> {});
      root.close();
      dropPlatform(staging.diff());
      List<LayerId> ids = new ArrayList<>(image);
      ids.add(layer);
      String base = images.find(image.getLast()).map(BuildOutcome.Built::baseDigest).orElse("");
      images.keep(staging, ids, config, found, base);
      staging.commit(layer);
      return images
          .find(layer)
          .map(BuildingAdapter::built)
          .orElseThrow(() ->
              new SlipwayException(
                  ErrorKind.UNAVAILABLE, "the layer '" + layer + "' is not that of an image"));
    }

    @Override
    public void close() {
      unwatch();
      root.close();
      staging.close();
    }

    private void unwatch() {
      if (watch != null) {
        watch.close();
      }
    }
  }

  private static void dropPlatform(Path diff) throws IOException {
    for (String name : PLATFORM) {
      Trees.delete(diff.resolve(name));
    }
    Path etc = diff.resolve("etc");
    if (Files.isDirectory(etc, NOFOLLOW_LINKS)) {
      for (String name : MOUNTED) {
        Path file = etc.resolve(name);
        if (Files.isRegularFile(file, NOFOLLOW_LINKS) && Files.size(file) == 0) {
          Files.delete(file);
        }
      }
    }
  }
}
