package dev.slipway.worker.build;

import dev.slipway.images.recipe.RecipeState;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ModeChange;
import dev.slipway.model.MountId;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.build.BuildOutcome.Kind;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.ContainerSpec.Privileges;
import dev.slipway.worker.container.ContainerUser;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.rootfs.CopyAttributes;
import dev.slipway.worker.rootfs.InsideRoot;
import dev.slipway.worker.rootfs.MountTree;
import dev.slipway.worker.rootfs.TreeCopy;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
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

/// Carries out the steps of one stage, one after the other, on its mounted root file system. For
/// one thread.
final class StageBuild {
  private static final int FILE_MODE = 0644;

  /// Characters of a step that errors repeat.
  private static final int MOST_SHOWN = 500;

  private final Tools tools;
  private final BuildOrder order;
  private final Path root;
  private final BuildLog buildLog;
  private final long end;

  /// What steps are carried out with.
  ///
  /// @param trees the stages before this one
  /// @param context the build context
  /// @param added mounts that steps copy from
  /// @param scratch a directory for what a step needs and leaves behind
  /// @param room watches how much the steps write
  record Tools(
      LayerCommand command,
      BuildCaches caches,
      DownloadCaches downloads,
      StageTrees trees,
      BuildFiles context,
      List<MountTree> added,
      Path scratch,
      RoomWatch room) {}

  /// @param end when the time of the build is over, by [System#nanoTime]
  StageBuild(Tools tools, BuildOrder order, Path root, BuildLog buildLog, long end) {
    this.tools = tools;
    this.order = order;
    this.root = root;
    this.buildLog = buildLog;
    this.end = end;
  }

  /// @param state before the step
  /// @return the state after it
  /// @throws FailedBuildException when the step fails
  RecipeState carryOut(RecipeStep step, RecipeState state)
      throws IOException, InterruptedException {
    if (step.number() > 0) {
      buildLog.say("Step %d/%d : %s".formatted(step.number(), order.stepCount(), step.source()));
    }
    tools.room().during(name(step));
    long begun = System.nanoTime();
    try {
      BuildStep resolved = state.resolve(step.step());
      switch (resolved) {
        case BuildStep.Run run -> run(step, run, state);
        case BuildStep.Copy copy -> interruptibly(copy);
        case BuildStep.WorkingDirectory directory -> {
          ContainerUser user = ContainerUser.find(root, state.config().user());
          new InsideRoot(root).makeDirectories(directory.path(), user.uid(), user.gid());
        }
        case BuildStep.User user -> ContainerUser.requirePossible(user.user());
        case BuildStep.Note note -> buildLog.say(note.sentence());
        case BuildStep.Environment _,
            BuildStep.Arguments _,
            BuildStep.Command _,
            BuildStep.Entrypoint _,
            BuildStep.Shell _ -> {
          // They change nothing but the configuration.
        }
      }
      if (Thread.interrupted()) {
        // Not everything ends by itself.
        throw new InterruptedException();
      }
      sayTime(step, System.nanoTime() - begun);
      return state.with(resolved);
    } catch (SlipwayException e) {
      Kind kind = e.kind() == ErrorKind.INVALID ? Kind.INVALID : Kind.MACHINE;
      throw new FailedBuildException(kind, name(step) + " failed: " + e.getMessage(), 0);
    }
  }

  private void sayTime(RecipeStep step, long nanos) throws InterruptedException {
    if (step.step() instanceof BuildStep.Run || step.step() instanceof BuildStep.Copy) {
      buildLog.say(
          "Step %d took %s s"
              .formatted(step.number(), String.format(Locale.ROOT, "%.1f", nanos / 1e9)));
    }
  }

  // ---- RUN

  private void run(RecipeStep step, BuildStep.Run run, RecipeState state)
      throws IOException, InterruptedException {
    if (run.online() && isRoot(state.config().user())) {
      // pip and apt refuse caches that belong to somebody else.
      try (DownloadCaches.Lease downloads =
          tools.downloads().lease(order.cacheScope(), tools.scratch().resolve("downloads"))) {
        run(step, run, state, downloads.variables(), downloads.binds());
        downloads.succeeded();
      }
    } else {
      run(step, run, state, Map.of(), List.of());
    }
  }

  private static boolean isRoot(String user) {
    return user.isEmpty() || user.matches("(root|0)(:(root|0))?");
  }

  private void run(
      RecipeStep step,
      BuildStep.Run run,
      RecipeState state,
      Map<String, String> ofCaches,
      List<ContainerSpec.Bind> cacheBinds)
      throws IOException, InterruptedException {
    Map<String, String> environment = new LinkedHashMap<>(order.proxies());
    environment.putAll(ofCaches);
    environment.putAll(state.environment());
    environment.putAll(order.secrets().values());
    try (StepMounts mounts =
        new StepMounts(
            order,
            tools.context(),
            tools.trees(),
            tools.caches(),
            tools.scratch().resolve("mounts"))) {
      mounts.prepare(run.mounts());
      environment.putAll(mounts.variables());
      ContainerSpec spec =
          ContainerSpec.of("build-" + UUID.randomUUID(), root, run.arguments())
              .withEnvironment(environment)
              .withWorkingDirectory(state.workingDirectory())
              .withUser(state.config().user())
              .withResources(order.resources(), 0)
              .withNetwork(run.online() ? Network.OUTBOUND : Network.BLOCKED)
              .withPrivileges(Privileges.BUILD);
      List<ContainerSpec.Bind> binds = new ArrayList<>(cacheBinds);
      binds.addAll(mounts.binds());
      for (ContainerSpec.Bind bind : binds) {
        spec = spec.withBind(inside(bind));
      }
      tools.room().alsoIn(mounts.written());
      try {
        requireSuccess(step, spec);
      } finally {
        tools.room().alsoIn(List.of());
        if (tools.room().failure().isPresent()) {
          mounts.dropCaches();
        }
      }
    }
  }

  /// A bind whose destination leads through no symbolic link of the image.
  private ContainerSpec.Bind inside(ContainerSpec.Bind bind) throws IOException {
    Path destination = new InsideRoot(root).resolve(bind.destination());
    String path = "/" + root.relativize(destination);
    return new ContainerSpec.Bind(bind.source(), path, bind.readOnly());
  }

  private void requireSuccess(RecipeStep step, ContainerSpec spec)
      throws IOException, InterruptedException {
    Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    CoveredOutput output = new CoveredOutput(buildLog, order.secrets());
    try {
      Exit exit = tools.command().run(spec, output, left);
      output.end();
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

  // ---- COPY and ADD

  private void interruptibly(BuildStep.Copy copy) throws IOException, InterruptedException {
    try {
      copy(copy);
    } catch (ClosedByInterruptException e) {
      // The flag is down again, as with whatever else throws this.
      Thread.interrupted();
      InterruptedException interrupted = new InterruptedException();
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  private void copy(BuildStep.Copy copy) throws IOException, InterruptedException {
    CopyAttributes given =
        new CopyAttributes(
            owner(copy.owner()),
            copy.mode().isEmpty() ? Optional.empty() : Optional.of(new ModeChange(copy.mode())));
    CopyAttributes ofRoot =
        new CopyAttributes(given.owner().or(() -> CopyAttributes.ofRoot().owner()), given.mode());
    InsideRoot image = new InsideRoot(root);
    List<String> notes = new ArrayList<>();
    Archives archives =
        copy.unpack() == BuildStep.Unpack.NONE
            ? Archives.kept()
            : Archives.unpacked(tools.scratch().resolve("archive"), given, notes::add);
    List<String> leftOut;
    if (copy.stage().isPresent()) {
      BuildFiles stage = BuildFiles.ofStage(tools.trees().root(copy.stage().get()));
      leftOut = stage.copy(copy.sources(), copy.destination(), image, given, archives);
    } else if (copy.mount().isPresent()) {
      leftOut =
          BuildFiles.ofStage(added(copy.mount().get()))
              .copy(copy.sources(), copy.destination(), image, ofRoot, archives);
    } else {
      leftOut = tools.context().copy(copy.sources(), copy.destination(), image, ofRoot, archives);
    }
    for (String note : notes) {
      buildLog.say(note);
    }
    if (!leftOut.isEmpty()) {
      buildLog.say("Device nodes and sockets are not copied: " + String.join(", ", leftOut) + ".");
    }
    for (BuildStep.TextFile text : copy.texts()) {
      write(text, copy.destination(), image, ofRoot);
    }
  }

  private Path added(MountId mount) {
    return tools.added().stream()
        .filter(tree -> tree.id().equals(mount))
        .map(MountTree::root)
        .findFirst()
        .orElseThrow();
  }

  private void write(
      BuildStep.TextFile text, String destination, InsideRoot image, CopyAttributes attributes)
      throws IOException {
    Path file = Files.createTempFile(tools.scratch(), "text", "");
    Files.write(file, text.text().getBytes(StandardCharsets.UTF_8));
    Files.setAttribute(file, "unix:mode", FILE_MODE);
    new TreeCopy(image, attributes)
        .copyFile(file, BuildFiles.target(text.name(), destination, image));
    Files.delete(file);
  }

  private Optional<CopyAttributes.Owner> owner(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    ContainerUser user = ContainerUser.find(root, text);
    // A number alone is that of the group, too.
    boolean number = text.chars().allMatch(c -> c >= '0' && c <= '9');
    return Optional.of(new CopyAttributes.Owner(user.uid(), number ? user.uid() : user.gid()));
  }

  private static String name(RecipeStep step) {
    // The log has all of it already, above what it printed.
    String source = step.source();
    String shown = Shown.atMost(source, MOST_SHOWN);
    return "step " + step.number() + " (" + shown + ")";
  }
}
