package dev.slipway.worker.build;

import dev.slipway.content.files.Trees;
import dev.slipway.images.recipe.RecipeState;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.images.recipe.References;
import dev.slipway.model.Causes;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.base.BaseImage;
import dev.slipway.worker.base.BaseImages;
import dev.slipway.worker.build.BuildOutcome.Kind;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.layer.Uses;
import dev.slipway.worker.rootfs.LayeredView;
import dev.slipway.worker.rootfs.MountTree;
import dev.slipway.worker.rootfs.MountTrees;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystem;
import dev.slipway.worker.rootfs.RootFilesystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds images, one layer per stage.
///
/// All steps of a stage run on one overlay mount, and the directory that takes its changes is the
/// layer: nothing is packed or copied. A step that fails leaves nothing. Whoever orders a layer
/// that is being built waits for it, and one that is here is done at once.
public final class Builder {
  private static final Logger log = LoggerFactory.getLogger(Builder.class);

  /// What a layer in the making needs beside its files.
  private static final String SCRATCH = "scratch";

  /// The name of the image that holds nothing.
  private static final String NOTHING = "scratch";

  private final LayerStore layers;
  private final SharedMaking making;
  private final OverlayRoots roots;
  private final RootFilesystems composed;
  private final MountTrees mounts;
  private final BaseImages bases;
  private final LayerCommand command;
  private final BuildCaches caches;
  private final DownloadCaches downloads;
  private final DiskRoom room;
  private final ImageFacts facts;
  private final BuiltImages images;

  public Builder(
      LayerStore layers,
      SharedMaking making,
      OverlayRoots roots,
      RootFilesystems composed,
      MountTrees mounts,
      BaseImages bases,
      LayerCommand command,
      BuildCaches caches,
      DownloadCaches downloads,
      DiskRoom room) {
    this.layers = layers;
    this.making = making;
    this.roots = roots;
    this.composed = composed;
    this.mounts = mounts;
    this.bases = bases;
    this.command = command;
    this.caches = caches;
    this.downloads = downloads;
    this.room = room;
    this.facts = new ImageFacts(command);
    this.images = new BuiltImages(layers);
  }

  /// Builds on the calling thread. An interrupt stops the running step and ends the build.
  public BuildOutcome build(BuildOrder order, BuildLog buildLog) throws InterruptedException {
    try {
      Optional<BuildOutcome.Built> here = images.find(order.layer());
      if (here.isPresent()) {
        buildLog.say("This image is on this machine already.");
        return here.get();
      }
      buildAll(order, buildLog);
      return images
          .find(order.layer())
          .map(BuildOutcome.class::cast)
          .orElseGet(() ->
              new BuildOutcome.Failed(
                  Kind.MACHINE,
                  "the layer '" + order.layer() + "' is here, but not as that of an image",
                  0));
    } catch (FailedBuildException e) {
      return e.outcome();
    } catch (SlipwayException e) {
      Kind kind = e.kind() == ErrorKind.INVALID ? Kind.INVALID : Kind.MACHINE;
      return new BuildOutcome.Failed(kind, String.valueOf(e.getMessage()), 0);
    } catch (IOException | RuntimeException e) {
      log.error("building {} failed", order.layer(), e);
      String why =
          isDiskFull(e) ? "the disk of this machine is full; nothing of the build is kept" : "" + e;
      return new BuildOutcome.Failed(
          Kind.MACHINE, "this machine could not build the image: " + why, 0);
    }
  }

  private static boolean isDiskFull(Throwable failure) {
    return Causes.of(failure)
        .anyMatch(cause -> String.valueOf(cause.getMessage()).contains("No space left on device"));
  }

  private void buildAll(BuildOrder order, BuildLog buildLog)
      throws IOException, InterruptedException {
    try (Work work =
        new Work(order, new ArrayList<>(), new ArrayList<>(), buildLog, deadline(order))) {
      for (BuildOrder.Stage stage : order.stages()) {
        work.stages().add(stage(stage, work));
      }
      stage(order.image(), work);
    }
  }

  /// A build under way.
  ///
  /// @param stages what earlier stages made
  /// @param holds keep what the build goes back to from being removed meanwhile
  /// @param end when the time of the build is over, by [System#nanoTime]
  private record Work(
      BuildOrder order, List<BaseImage> stages, List<Uses.Hold> holds, BuildLog log, long end)
      implements AutoCloseable {
    @Override
    public void close() {
      holds.forEach(Uses.Hold::close);
    }
  }

  private static long deadline(BuildOrder order) {
    return System.nanoTime() + order.timeout().toNanos();
  }

  /// What a stage makes, found or made now.
  private BaseImage stage(BuildOrder.Stage stage, Work work)
      throws IOException, InterruptedException {
    boolean image = stage.layer().equals(work.order().layer());
    if (stage.steps().isEmpty() && !image) {
      return base(stage.base(), work);
    }
    Optional<BuildOutcome.Built> here = images.find(stage.layer());
    if (here.isEmpty()) {
      BaseImage base = withoutTriggers(base(stage.base(), work));
      work.holds().add(layers.hold(base.layers()));
      making.require(
          stage.layer(), work.log(), staging -> makeInItsRoom(stage, base, staging, work));
      here = images.find(stage.layer());
    } else {
      sayThere(stage.steps(), work.log());
    }
    BuildOutcome.Built built =
        here.orElseThrow(() ->
            new SlipwayException(
                ErrorKind.UNAVAILABLE,
                "the layer '" + stage.layer() + "' is here, but not as that of an image"));
    work.holds().add(layers.hold(built.layers()));
    return new BaseImage(built.layers(), built.config(), built.baseDigest());
  }

  private static void sayThere(List<RecipeStep> steps, BuildLog log) throws InterruptedException {
    List<Integer> numbers =
        steps.stream().map(RecipeStep::number).filter(number -> number > 0).distinct().toList();
    if (numbers.size() == 1) {
      log.say("Step %d is on this machine already.".formatted(numbers.getFirst()));
    } else if (!numbers.isEmpty()) {
      log.say(
          "Steps %d to %d are on this machine already."
              .formatted(numbers.getFirst(), numbers.getLast()));
    }
  }

  private BaseImage base(BuildOrder.Base base, Work work) throws IOException, InterruptedException {
    return switch (base) {
      case BuildOrder.Base.Earlier earlier -> work.stages().get(earlier.stage());
      case BuildOrder.Base.Parent parent -> {
        layers.requireAll(parent.layers());
        // Who goes on with an image does so as root, as functions run: USER is for the steps below.
        yield new BaseImage(parent.layers(), parent.config().withUser(""), digestOf(parent));
      }
      case BuildOrder.Base.Reference reference -> {
        if (reference.name().equals(NOTHING)) {
          yield new BaseImage(List.of(), ImageConfig.empty(), NOTHING);
        }
        try {
          yield bases.require(reference.name(), reference.anew(), work.order().login(), work.log());
        } catch (SlipwayException e) {
          throw new FailedBuildException(Kind.BASE_UNAVAILABLE, String.valueOf(e.getMessage()), 0);
        }
      }
    };
  }

  /// Refuses to build on an image that wants more than is done here: its instructions would be part
  /// of what a layer depends on, and are known only when it is here.
  private static BaseImage withoutTriggers(BaseImage base) {
    List<String> triggers = base.config().triggers();
    if (!triggers.isEmpty()) {
      throw new FailedBuildException(
          Kind.INVALID,
          "the base image has instructions ONBUILD, which are not carried out here: %s. A recipe can have them itself, and start from an image without"
              .formatted(String.join("; ", triggers)),
          0);
    }
    return base;
  }

  /// What the parent was built on, this one is, too.
  private String digestOf(BuildOrder.Base.Parent parent) throws IOException {
    return parent.layers().isEmpty()
        ? ""
        : images.find(parent.layers().getLast()).map(BuildOutcome.Built::baseDigest).orElse("");
  }

  private void makeInItsRoom(
      BuildOrder.Stage stage, BaseImage base, LayerStaging staging, Work work)
      throws IOException, InterruptedException {
    RoomWatch watch = room.watch(staging.diff());
    try (watch) {
      make(stage, base, staging, work, watch);
    } catch (IOException | InterruptedException | RuntimeException e) {
      if (watch.failure().isPresent()) {
        throw watch.failure().get();
      }
      throw e;
    }
  }

  private void make(
      BuildOrder.Stage stage, BaseImage base, LayerStaging staging, Work work, RoomWatch watch)
      throws IOException, InterruptedException {
    BuildOrder order = work.order();
    Path scratch = Files.createDirectory(staging.directory().resolve(SCRATCH));
    Path nothing = Files.createDirectory(scratch.resolve("nothing"));
    List<Path> lowers = new ArrayList<>(composed.imageLowers(base.layers()));
    if (lowers.isEmpty()) {
      // An image from scratch: the overlay needs something to lie above.
      lowers.add(nothing);
    }
    boolean readsContext =
        stage.steps().stream().anyMatch(step -> References.readsContext(step.step()));
    List<MountTree> context = mounts.requireAll(readsContext ? order.contextMounts() : List.of());
    List<MountTree> added =
        mounts.requireAll(
            stage.steps().stream().flatMap(step -> References.mounts(step.step())).toList());
    work.holds()
        .add(
            layers
                .uses()
                .hold(
                    Stream.concat(context.stream(), added.stream())
                        .map(tree -> tree.root().getParent())
                        .toList()));
    BuildFiles files = BuildFiles.of(context, order.contextFiles(), scratch.resolve("context"));
    RecipeState state = RecipeState.of(base.config());
    ImageFacts.Facts found;
    try (StageTrees trees = new StageTrees(roots, composed, work.stages(), nothing);
        RootFilesystem root = roots.mount(staging, lowers)) {
      StageBuild build =
          new StageBuild(
              new StageBuild.Tools(command, caches, downloads, trees, files, added, scratch, watch),
              order,
              root.root(),
              work.log(),
              work.end());
      for (RecipeStep step : stage.steps()) {
        state = build.carryOut(step, state);
      }
      List<Path> all = new ArrayList<>(List.of(staging.diff()));
      all.addAll(lowers);
      found = facts.find(root.root(), new LayeredView(all), state.config(), work.log()::say);
    }
    Trees.delete(scratch);
    List<LayerId> ids = new ArrayList<>(base.layers());
    ids.add(stage.layer());
    images.keep(staging, ids, state.config(), found, base.digest());
  }
}
