package dev.slipway.controlplane.image;

import dev.slipway.images.plan.Base;
import dev.slipway.images.plan.BuildPlan;
import dev.slipway.images.plan.ImageIdentity;
import dev.slipway.images.recipe.Recipe;
import dev.slipway.images.recipe.RecipeAsides;
import dev.slipway.images.recipe.RecipeParser;
import dev.slipway.images.registry.RegistryLogin;
import dev.slipway.model.BuildId;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.ImageId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The images of every workspace: one per recipe, built once for everybody who asks at the same
/// time, found again by whoever asks later.
public final class Images implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Images.class);

  /// What a build asks of its machine: little that is guaranteed, and no limit of its own.
  static final Resources BUILD_RESOURCES = new Resources(125, 0, 128, 0);

  /// Most log entries of one look at a build.
  static final int MOST_ENTRIES_AT_ONCE = 500;

  private final ImageStore store;
  private final BuildLogs logs;
  private final ContextMounts mounts;
  private final BuildSecrets secrets;
  private final IdSource ids;
  private final Clock clock;
  private final Contexts contexts;
  private final Additions additions;
  private final BuildLimits limits;
  private final Builds builds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<RecipeKey, OngoingBuild> ongoing = new HashMap<>();

  private record RecipeKey(WorkspaceId workspace, Digest key) {}

  /// What a build is given when no earlier one answers.
  ///
  /// @param bases of the plan's stages
  private record Prepared(
      BuildPlan plan,
      List<BuildBase> bases,
      BuildSecrets.Opened secrets,
      Optional<RegistryLogin> login,
      RecipeAsides asides) {}

  private Images(
      ImageStore store,
      BuildLogs logs,
      ContextMounts mounts,
      BuildSecrets secrets,
      BuildMachines machines,
      IdSource ids,
      Clock clock,
      BuildLimits limits) {
    this.store = store;
    this.logs = logs;
    this.mounts = mounts;
    this.secrets = secrets;
    this.ids = ids;
    this.clock = clock;
    this.contexts = new Contexts(mounts, limits.contextBytes());
    this.additions = new Additions(mounts);
    this.limits = limits;
    this.builds = new Builds(store, logs, machines, clock);
  }

  /// Opens the images. Builds that a server before this one left unfinished count as failed:
  /// whoever waits for them gets an answer, and the next request builds anew.
  ///
  /// @param limits of each build
  public static Images open(
      ImageStore store,
      BuildLogs logs,
      ContextMounts mounts,
      BuildSecrets secrets,
      BuildMachines machines,
      IdSource ids,
      Clock clock,
      BuildLimits limits) {
    int unfinished = store.failUnfinished(Builds.interrupted(), clock.instant());
    if (unfinished > 0) {
      log.info("{} image builds were interrupted by the end of the server before", unfinished);
    }
    return new Images(store, logs, mounts, secrets, machines, ids, clock, limits);
  }

  /// An image from which containers can be started.
  ///
  /// @throws SlipwayException NOT_FOUND when the workspace has no such image, CONFLICT when it is
  ///   not built
  public BuiltImage require(WorkspaceId workspace, ImageId id) {
    Image image = requireAny(workspace, id);
    if (!store.use(image, clock.instant())) {
      throw missing(id);
    }
    return switch (image.state()) {
      case Image.State.Built built -> new BuiltImage(id, image.builderVersion(), built.contents());
      case Image.State.Building _ ->
          throw new SlipwayException(ErrorKind.CONFLICT, "image " + id + " is still being built");
      case Image.State.Failed failed ->
          throw new SlipwayException(
              ErrorKind.CONFLICT, "image " + id + " was not built: " + failed.failure().message());
    };
  }

  /// The image of a recipe: one that was built before, one that is being built, or one whose build
  /// begins with this call.
  ///
  /// @throws SlipwayException INVALID or UNSUPPORTED for a recipe that cannot be built, NOT_FOUND
  ///   for a parent or a mount that the workspace does not have
  Image getOrCreate(WorkspaceId workspace, ImageRequest request) {
    BuildPlan plan = plan(workspace, request);
    boolean mayBeCached = request.freshness() == ImageRequest.Freshness.CACHED;
    Optional<Image> hit = mayBeCached ? cached(workspace, plan) : Optional.empty();
    if (hit.isPresent()) {
      return hit.get();
    }
    Prepared prepared =
        new Prepared(
            plan,
            plan.stages().stream()
                .map(stage -> base(workspace, stage.base(), !mayBeCached))
                .toList(),
            secrets.open(workspace, request.secrets()),
            login(workspace, request.registrySecret()),
            request.asides());
    RecipeKey recipe = new RecipeKey(workspace, plan.key());
    lock.lock();
    try {
      OngoingBuild same = ongoing.get(recipe);
      if (same != null && request.freshness() != ImageRequest.Freshness.UNCACHED && runs(same)) {
        return same.image();
      }
      // A build may have ended between the first look and the lock.
      hit = mayBeCached ? cached(workspace, plan) : Optional.empty();
      return hit.isPresent() ? hit.get() : begin(recipe, request, prepared);
    } finally {
      lock.unlock();
    }
  }

  private Optional<Image> cached(WorkspaceId workspace, BuildPlan plan) {
    return store
        .findCached(workspace, plan.key())
        .filter(image -> store.use(image, clock.instant()));
  }

  /// Whether a build is still to end. One whose end a client may have seen is never joined, though
  /// it is about to be forgotten only: who asks again after a failure gets another build.
  private boolean runs(OngoingBuild build) {
    Image image = build.image();
    return store
        .find(image.workspace(), image.id())
        .filter(now -> now.state() instanceof Image.State.Building)
        .isPresent();
  }

  private Image begin(RecipeKey recipe, ImageRequest request, Prepared prepared) {
    BuildId build = new BuildId(ids.next("bu"));
    boolean cached = request.freshness() != ImageRequest.Freshness.UNCACHED;
    String generation = request.freshness() == ImageRequest.Freshness.CACHED ? "" : build.value();
    ImageId id = ImageIdentity.of(recipe.workspace(), recipe.key(), generation);
    Instant begun = clock.instant();
    Image image =
        new Image(
            id,
            recipe.workspace(),
            recipe.key(),
            request.builderVersion(),
            build,
            begun,
            begun,
            new Image.State.Building());
    BuildRequest order =
        new BuildRequest(
            build,
            new BuildStage(
                ImageIdentity.layerOf(id),
                prepared.bases().getLast(),
                prepared.plan().image().steps()),
            stages(recipe.workspace(), prepared, generation),
            request.contextMount().stream().toList(),
            request.contextFiles(),
            prepared.secrets().variables(),
            prepared.login(),
            request.function(),
            recipe.workspace().value(),
            prepared.asides(),
            limits.timeout(),
            BUILD_RESOURCES);
    OngoingBuild started = new OngoingBuild(image, cached, store);
    // Followers find the build from the moment at which the store shows it.
    logs.open(started);
    try {
      store.begin(image, layersBelow(prepared.bases()));
      if (cached) {
        ongoing.put(recipe, started);
      }
      request.contextMount().flatMap(mounts::describe).ifPresent(line -> builds.say(started, line));
      sayWhatIsThere(started, prepared.bases());
      prepared.asides().notes().forEach(line -> builds.say(started, line));
      prepared.secrets().complaint().ifPresent(line -> builds.say(started, line));
      builds.submit(request.askedBy(), started, order, () -> forget(recipe, started));
    } catch (SlipwayException e) {
      // Whatever the store says, nothing builds: who follows is told so.
      ongoing.remove(recipe, started);
      logs.close(started);
      throw e;
    }
    return image;
  }

  private static List<String> layersBelow(List<BuildBase> bases) {
    return parents(bases).flatMap(parent -> parent.layerIds().stream()).distinct().toList();
  }

  private static Stream<BuildBase.Parent> parents(List<BuildBase> bases) {
    return bases.stream()
        .filter(BuildBase.Parent.class::isInstance)
        .map(BuildBase.Parent.class::cast)
        .distinct();
  }

  /// Images that are found at once say nothing in a terminal; the first that is built says it for
  /// those that it stands on.
  private void sayWhatIsThere(OngoingBuild build, List<BuildBase> bases) {
    parents(bases)
        .forEach(parent -> {
          Image image = requireAny(build.image().workspace(), parent.image());
          if (image.state() instanceof Image.State.Built built) {
            builds.say(
                build,
                "Built on %s, which is there with its %d layers since %s."
                    .formatted(
                        image.id(),
                        parent.layerIds().size(),
                        built.at().truncatedTo(ChronoUnit.SECONDS)));
          }
        });
  }

  private static List<BuildStage> stages(
      WorkspaceId workspace, Prepared prepared, String generation) {
    List<BuildStage> stages = new ArrayList<>();
    for (BuildPlan.Stage stage : prepared.plan().earlier()) {
      ImageId id = ImageIdentity.of(workspace, stage.key(), generation);
      stages.add(
          new BuildStage(
              ImageIdentity.layerOf(id), prepared.bases().get(stages.size()), stage.steps()));
    }
    return stages;
  }

  private Optional<RegistryLogin> login(WorkspaceId workspace, Optional<SecretId> secret) {
    return secret.map(id -> RegistryLogins.of(secrets.open(workspace, List.of(id)).variables()));
  }

  private void forget(RecipeKey recipe, OngoingBuild build) {
    lock.lock();
    try {
      ongoing.remove(recipe, build);
    } finally {
      lock.unlock();
    }
  }

  private BuildPlan plan(WorkspaceId workspace, ImageRequest request) {
    contexts.require(workspace, request);
    if (request.function().isPresent()) {
      FunctionStep step = request.function().get();
      return BuildPlan.ofFunction(
          request.builderVersion(),
          request.parents(),
          List.of(
              Digest.sha256(step.definition().getBytes(StandardCharsets.UTF_8)),
              Digest.sha256(step.globals()),
              Digest.sha256(step.input())));
    }
    request.registrySecret().ifPresent(secret -> secrets.names(workspace, List.of(secret)));
    Recipe recipe =
        additions.fetched(
            workspace,
            RecipeParser.parse(request.lines(), request.buildArguments()),
            name ->
                Optional.ofNullable(request.parents().get(name))
                    .map(parent -> require(workspace, parent).config()));
    return BuildPlan.of(
        request.builderVersion(),
        recipe,
        request.parents(),
        contexts.read(recipe, request),
        "",
        secrets.names(workspace, request.secrets()));
  }

  private BuildBase base(WorkspaceId workspace, Base base, boolean anew) {
    return switch (base) {
      case Base.Reference reference -> new BuildBase.Reference(reference.name(), anew);
      case Base.Parent parent -> {
        BuiltImage image = require(workspace, parent.image());
        yield new BuildBase.Parent(image.id(), image.layerIds(), image.config());
      }
      case Base.Stage stage -> new BuildBase.Stage(stage.index());
    };
  }

  /// What is new about an image's build: waits until there is something, or the time is over.
  ///
  /// @param wait how long to wait when there is nothing new
  /// @throws SlipwayException NOT_FOUND when the workspace has no such image
  BuildProgress follow(WorkspaceId workspace, ImageId id, LogPosition after, Duration wait)
      throws InterruptedException {
    long end = System.nanoTime() + wait.toNanos();
    while (true) {
      Optional<OngoingBuild> build = logs.find(requireAny(workspace, id).build());
      // What changes from here on ends the wait below; what changed before is read now.
      long seen = build.map(OngoingBuild::changes).orElse(0L);
      Image image = requireAny(workspace, id);
      long from = after.build().equals(image.build().value()) ? after.sequence() : 0;
      List<ImageStore.Logged> entries = store.listLog(image.build(), from, MOST_ENTRIES_AT_ONCE);
      if (!entries.isEmpty()) {
        return new BuildProgress(
            entries.stream().map(ImageStore.Logged::entry).toList(),
            new LogPosition(image.build().value(), entries.getLast().sequence()),
            Optional.empty());
      }
      LogPosition position = new LogPosition(image.build().value(), from);
      if (!(image.state() instanceof Image.State.Building)) {
        return new BuildProgress(List.of(), position, Optional.of(image));
      }
      if (logs.find(image.build()).isEmpty() && requireAny(workspace, id).equals(image)) {
        return new BuildProgress(List.of(), position, Optional.of(abandoned(image)));
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        return new BuildProgress(List.of(), position, Optional.empty());
      }
      if (build.isPresent()) {
        build.get().await(seen, Duration.ofNanos(left));
      }
    }
  }

  /// Everything that is kept of a build's log.
  ///
  /// @throws SlipwayException NOT_FOUND when the workspace has no such build
  public List<BuildLogEntry> listLog(WorkspaceId workspace, BuildId build) {
    return store
        .findLog(workspace, build)
        .orElseThrow(() -> new SlipwayException(ErrorKind.NOT_FOUND, "there is no build " + build))
        .stream()
        .map(ImageStore.Logged::entry)
        .toList();
  }

  /// The builds that made the layers of an image, or those that its build stands on, the lowest
  /// first; then its own.
  ///
  /// @throws SlipwayException NOT_FOUND when the workspace has no such image
  List<BuildTimes> listBuilds(WorkspaceId workspace, ImageId id) {
    Image image = requireAny(workspace, id);
    List<String> layers =
        switch (image.state()) {
          case Image.State.Built built -> built.contents().layerIds();
          case Image.State.Building _, Image.State.Failed _ -> store.listLayersBelow(id);
        };
    List<Image> chain = new ArrayList<>();
    for (String layer : layers) {
      ImageIdentity.imageOf(layer)
          .filter(below -> !below.equals(id))
          .flatMap(below -> store.find(workspace, below))
          .ifPresent(chain::add);
    }
    chain.add(image);
    return chain.stream().map(this::times).toList();
  }

  /// When a build ran: all of its log lies between, whichever machine's clock it is from.
  private BuildTimes times(Image image) {
    Instant end =
        switch (image.state()) {
          case Image.State.Building _ -> clock.instant();
          case Image.State.Built built -> built.at();
          case Image.State.Failed failed -> failed.at();
        };
    BuildTimes times = new BuildTimes(image.id(), image.build(), image.startedAt(), end);
    return store
        .findLogTimes(image.build())
        .map(log -> times.withLog(log.first(), log.last()))
        .orElse(times);
  }

  /// An image that the store shows as being built although nobody builds it: the database was away
  /// when its end was to be recorded.
  private Image abandoned(Image image) {
    return image.with(new Image.State.Failed(Builds.interrupted(), clock.instant()));
  }

  /// An image in whatever state.
  Image requireAny(WorkspaceId workspace, ImageId id) {
    return store.find(workspace, id).orElseThrow(() -> missing(id));
  }

  /// Forgets an image, whoever uses it. Its layers go when there is no room for them.
  ///
  /// @throws SlipwayException NOT_FOUND when the workspace has no such image, CONFLICT when it is
  ///   not built
  void delete(WorkspaceId workspace, ImageId id) {
    requireAny(workspace, id);
    if (!store.forget(id, clock.instant().plus(limits.timeout()))) {
      throw new SlipwayException(
          ErrorKind.CONFLICT, "image " + id + " is not built: there is nothing to delete");
    }
  }

  private static SlipwayException missing(ImageId id) {
    return new SlipwayException(ErrorKind.NOT_FOUND, "there is no image " + id);
  }

  /// Ends the builds that run. Their followers hear of it.
  @Override
  public void close() {
    builds.close();
  }
}
