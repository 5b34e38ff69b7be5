package dev.slipway.worker.build;

import dev.slipway.content.files.Trees;
import dev.slipway.images.recipe.RecipeState;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.base.BaseImage;
import dev.slipway.worker.base.BaseImages;
import dev.slipway.worker.build.BuildOutcome.Kind;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.ContainerSpec.Privileges;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.rootfs.InsideRoot;
import dev.slipway.worker.rootfs.LayeredView;
import dev.slipway.worker.rootfs.MountTrees;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystem;
import dev.slipway.worker.rootfs.RootFilesystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Builds images, one layer per order.
///
/// All steps of an order run on one overlay mount, and the directory that takes its changes is the
/// layer: nothing is packed or copied. A step that fails leaves nothing. Whoever orders a layer
/// that is being built waits for it, and one that is here is done at once.
public final class Builder {
  private static final Logger log = LoggerFactory.getLogger(Builder.class);

  private static final String CONTEXT = "context";

  private final LayerStore layers;
  private final SharedMaking making;
  private final OverlayRoots roots;
  private final RootFilesystems composed;
  private final MountTrees mounts;
  private final BaseImages bases;
  private final LayerCommand command;
  private final ImageFacts facts;
  private final BuiltImages images;

  public Builder(
      LayerStore layers,
      SharedMaking making,
      OverlayRoots roots,
      RootFilesystems composed,
      MountTrees mounts,
      BaseImages bases,
      LayerCommand command) {
    this.layers = layers;
    this.making = making;
    this.roots = roots;
    this.composed = composed;
    this.mounts = mounts;
    this.bases = bases;
    this.command = command;
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
      BaseImage base = base(order.base(), buildLog);
      making.require(order.layer(), buildLog, staging -> make(order, base, staging, buildLog));
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
      return new BuildOutcome.Failed(
          Kind.MACHINE, "this machine could not build the image: " + e, 0);
    }
  }

  private BaseImage base(BuildOrder.Base base, BuildLog buildLog)
      throws IOException, InterruptedException {
    return switch (base) {
      case BuildOrder.Base.Parent parent -> {
        layers.requireAll(parent.layers());
        yield new BaseImage(parent.layers(), parent.config(), digestOf(parent));
      }
      case BuildOrder.Base.Reference reference -> {
        try {
          yield bases.require(reference.name(), buildLog);
        } catch (SlipwayException e) {
          throw new FailedBuildException(Kind.BASE_UNAVAILABLE, String.valueOf(e.getMessage()), 0);
        }
      }
    };
  }

  /// What the parent was built on, this one is, too.
  private String digestOf(BuildOrder.Base.Parent parent) throws IOException {
    return parent.layers().isEmpty()
        ? ""
        : images.find(parent.layers().getLast()).map(BuildOutcome.Built::baseDigest).orElse("");
  }

  private void make(BuildOrder order, BaseImage base, LayerStaging staging, BuildLog buildLog)
      throws IOException, InterruptedException {
    List<Path> lowers = new ArrayList<>(composed.imageLowers(base.layers()));
    if (lowers.isEmpty()) {
      // An image from scratch: the overlay needs something to lie above.
      lowers.add(Files.createDirectory(staging.directory().resolve("nothing")));
    }
    BuildFiles files =
        BuildFiles.of(
            mounts.requireAll(order.contextMounts()),
            order.contextFiles(),
            staging.directory().resolve(CONTEXT));
    RecipeState state = RecipeState.of(base.config());
    ImageFacts.Facts found;
    try (RootFilesystem root = roots.mount(staging, lowers)) {
      long end = System.nanoTime() + order.timeout().toNanos();
      int last = order.steps().isEmpty() ? 0 : order.steps().getLast().number();
      for (RecipeStep step : order.steps()) {
        buildLog.say("Step %d/%d : %s".formatted(step.number(), last, step.source()));
        long begun = System.nanoTime();
        state = execute(order, step, state, files, root, end, buildLog);
        sayTime(step, System.nanoTime() - begun, buildLog);
      }
      List<Path> all = new ArrayList<>(List.of(staging.diff()));
      all.addAll(lowers);
      found = facts.find(root.root(), new LayeredView(all), state.config());
    }
    Trees.delete(staging.directory().resolve(CONTEXT));
    List<LayerId> ids = new ArrayList<>(base.layers());
    ids.add(order.layer());
    images.keep(staging, ids, state.config(), found, base.digest());
  }

  private static void sayTime(RecipeStep step, long nanos, BuildLog buildLog)
      throws InterruptedException {
    if (step.step() instanceof BuildStep.Run || step.step() instanceof BuildStep.Copy) {
      buildLog.say(
          "Step %d took %s s"
              .formatted(step.number(), String.format(Locale.ROOT, "%.1f", nanos / 1e9)));
    }
  }

  private RecipeState execute(
      BuildOrder order,
      RecipeStep step,
      RecipeState state,
      BuildFiles files,
      RootFilesystem root,
      long end,
      BuildLog buildLog)
      throws IOException, InterruptedException {
    try {
      BuildStep resolved = state.resolve(step.step());
      InsideRoot inside = new InsideRoot(root.root());
      switch (resolved) {
        case BuildStep.Run run -> run(order, step, run, state, root, end, buildLog);
        case BuildStep.Copy copy -> files.copy(copy.sources(), copy.destination(), inside);
        case BuildStep.WorkingDirectory directory -> inside.makeDirectories(directory.path());
        case BuildStep.Note note -> buildLog.say(note.sentence());
        case BuildStep.Environment _,
            BuildStep.Arguments _,
            BuildStep.Command _,
            BuildStep.Entrypoint _,
            BuildStep.Shell _,
            BuildStep.User _ -> {
          // They change nothing but the configuration.
        }
      }
      return state.with(resolved);
    } catch (SlipwayException e) {
      Kind kind = e.kind() == ErrorKind.INVALID ? Kind.INVALID : Kind.MACHINE;
      throw new FailedBuildException(kind, name(step) + " failed: " + e.getMessage(), 0);
    }
  }

  private void run(
      BuildOrder order,
      RecipeStep step,
      BuildStep.Run run,
      RecipeState state,
      RootFilesystem root,
      long end,
      BuildLog buildLog)
      throws IOException, InterruptedException {
    ImageConfig config = state.config();
    Map<String, String> environment = new LinkedHashMap<>(state.environment());
    environment.putAll(order.secrets());
    ContainerSpec spec =
        ContainerSpec.of("build-" + UUID.randomUUID(), root.root(), run.arguments())
            .withEnvironment(environment)
            .withWorkingDirectory(state.workingDirectory())
            .withUser(config.user())
            .withResources(order.resources(), 0)
            .withNetwork(Network.OUTBOUND)
            .withPrivileges(Privileges.BUILD);
    Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    try {
      Exit exit = command.run(spec, buildLog, left);
      if (exit.code() != 0) {
        throw new FailedBuildException(
            Kind.STEP_FAILED,
            "%s failed with exit code %d%s"
                .formatted(
                    name(step),
                    exit.code(),
                    exit.outOfMemory() ? ": it reached its memory limit" : ""),
            exit.code());
      }
    } catch (TimeoutException e) {
      throw new FailedBuildException(
          Kind.TIMEOUT,
          "%s was stopped: the build took longer than %d seconds"
              .formatted(name(step), order.timeout().toSeconds()),
          0);
    }
  }

  private static String name(RecipeStep step) {
    return "step " + step.number() + " (" + step.source() + ")";
  }
}
