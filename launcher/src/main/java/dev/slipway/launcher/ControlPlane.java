package dev.slipway.launcher;

import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppAddresses;
import dev.slipway.controlplane.app.AppRpc;
import dev.slipway.controlplane.app.AppStore;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.app.DeploymentNotes;
import dev.slipway.controlplane.app.DeploymentRpc;
import dev.slipway.controlplane.app.Deployments;
import dev.slipway.controlplane.app.DetachedAppChore;
import dev.slipway.controlplane.app.SilentAppChore;
import dev.slipway.controlplane.blob.BlobHttp;
import dev.slipway.controlplane.blob.BlobLinks;
import dev.slipway.controlplane.blob.BlobRpc;
import dev.slipway.controlplane.blob.BlobStore;
import dev.slipway.controlplane.blob.Blobs;
import dev.slipway.controlplane.blob.ExpiredBlobsChore;
import dev.slipway.controlplane.call.CallGraphRpc;
import dev.slipway.controlplane.call.CallGraphStore;
import dev.slipway.controlplane.call.CallHistoryRpc;
import dev.slipway.controlplane.call.CallHistoryStore;
import dev.slipway.controlplane.call.CallLimits;
import dev.slipway.controlplane.call.CallRpc;
import dev.slipway.controlplane.call.CallStore;
import dev.slipway.controlplane.call.CallSystem;
import dev.slipway.controlplane.call.Containers;
import dev.slipway.controlplane.call.Deadlines;
import dev.slipway.controlplane.call.InputRpc;
import dev.slipway.controlplane.fleet.Fleet;
import dev.slipway.controlplane.fleet.FleetBuilds;
import dev.slipway.controlplane.fleet.FleetRpc;
import dev.slipway.controlplane.fleet.FleetStorage;
import dev.slipway.controlplane.fleet.FunctionBuilds;
import dev.slipway.controlplane.function.AppInfoRpc;
import dev.slipway.controlplane.function.FunctionRpc;
import dev.slipway.controlplane.function.FunctionStore;
import dev.slipway.controlplane.function.FunctionTranslation;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.function.Ingredients;
import dev.slipway.controlplane.function.LayoutTranslation;
import dev.slipway.controlplane.function.ScalingRpc;
import dev.slipway.controlplane.image.BuildLogs;
import dev.slipway.controlplane.image.ImageNameRpc;
import dev.slipway.controlplane.image.ImageNameStore;
import dev.slipway.controlplane.image.ImageNames;
import dev.slipway.controlplane.image.ImageRpc;
import dev.slipway.controlplane.image.ImageStore;
import dev.slipway.controlplane.image.Images;
import dev.slipway.controlplane.mount.AbandonedUploadsChore;
import dev.slipway.controlplane.mount.ContentRpc;
import dev.slipway.controlplane.mount.MountRpc;
import dev.slipway.controlplane.mount.MountStore;
import dev.slipway.controlplane.mount.Mounts;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.Identification;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.rpc.RpcServices;
import dev.slipway.controlplane.secret.Secrets;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.GroupCommit;
import dev.slipway.controlplane.supply.Foresight;
import dev.slipway.controlplane.supply.HostPython;
import dev.slipway.controlplane.supply.PlatformMounts;
import dev.slipway.controlplane.task.Explanations;
import dev.slipway.controlplane.task.RunnerOrderTranslation;
import dev.slipway.controlplane.task.StartOrders;
import dev.slipway.controlplane.task.TaskLife;
import dev.slipway.controlplane.task.TaskRpc;
import dev.slipway.controlplane.task.Tasks;
import dev.slipway.controlplane.upkeep.ContentChore;
import dev.slipway.controlplane.workspace.AuthTokens;
import dev.slipway.controlplane.workspace.BuilderVersions;
import dev.slipway.controlplane.workspace.EnvironmentRpc;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.controlplane.workspace.LocalIdentity;
import dev.slipway.controlplane.workspace.Tokens;
import dev.slipway.controlplane.workspace.WorkerToken;
import dev.slipway.controlplane.workspace.WorkspaceRpc;
import dev.slipway.controlplane.workspace.WorkspaceStore;
import dev.slipway.controlplane.workspace.Workspaces;
import dev.slipway.images.python.Interpreters;
import dev.slipway.launcher.door.HttpRoute;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.ImageId;
import dev.slipway.model.InputId;
import dev.slipway.model.MountId;
import dev.slipway.model.SecretId;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/// The control plane's parts, built bottom to top and wired by hand.
final class ControlPlane {
  private final Settings settings;
  private final Path data;
  private final String publicUrl;
  private final Lifecycle lifecycle;
  private final Database database;
  private final Clock clock = Clock.systemUTC();
  private final IdSource ids = IdSource.secure();
  private final List<RpcModule> modules = new ArrayList<>();
  private final List<HttpRoute> routes = new ArrayList<>();
  private final Late<TaskLife> taskLife = new Late<>("task life");

  private final Tasks tasks = new Tasks();
  private final Fleet fleet = new Fleet();
  private final FleetBuilds fleetBuilds = new FleetBuilds(fleet);
  private final FleetStorage storage = new FleetStorage(fleet);
  private final Late<FunctionBuilds> functionBuilds = new Late<>("function builds");
  private final BuildLogs buildLogs = new BuildLogs();
  private final Tokens tokens;
  private final WorkerToken workerToken;
  private final SharedData shared;
  private final Environments environments;
  private final Workspaces workspaces;
  private final ContentStore content;
  private final BlobStore blobStore;
  private final Blobs blobs;
  private final Chores chores;

  /// @param publicUrl where clients reach the door
  ControlPlane(
      Settings settings, Path data, String publicUrl, Database database, Lifecycle lifecycle) {
    this.settings = settings;
    this.data = data;
    this.publicUrl = publicUrl;
    this.database = database;
    this.lifecycle = lifecycle;
    WorkspaceStore workspaceStore = new WorkspaceStore(database.jdbi());
    this.shared = new SharedData(database, data, ids, clock, settings, lifecycle);
    this.environments = new Environments(workspaceStore, ids, clock, shared.occupants());
    this.tokens = new Tokens(workspaceStore, clock, new SecureRandom());
    this.workspaces = new Workspaces(workspaceStore, environments, ids);
    LocalIdentity.ensure(data, workspaces, tokens, ids);
    this.workerToken = WorkerToken.ensure(data, ids);
    this.content = new FileContentStore(data.resolve("content"));
    this.blobStore = new BlobStore(database.jdbi());
    this.blobs = new Blobs(blobStore, content, ids);
    this.chores = lifecycle.add("chores", new Chores());
    modules.add(
        new WorkspaceRpc(
            workspaces,
            environments,
            tokens,
            new AuthTokens(clock, new SecureRandom()),
            new BuilderVersions(settings.builderVersion())));
    modules.add(new EnvironmentRpc(environments, new BuilderVersions(settings.builderVersion())));
    modules.addAll(shared.modules(environments, workspaces));
  }

  /// The token of the worker in this process.
  WorkerToken workerToken() {
    return workerToken;
  }

  /// What the door serves below paths of its own.
  List<HttpRoute> routes() {
    return List.copyOf(routes);
  }

  /// Builds everything that is not there yet. Afterwards the services can be opened.
  void build() {
    Mounts mounts = mountsAndBlobs();
    PlatformMounts platformMounts =
        new PlatformMounts(
            mounts,
            content,
            data.resolve("downloads"),
            () -> HostPython.require(System.getenv()),
            Interpreters.ofThisMachine(BaseSources.interpreters(System.getenv())));
    modules.add(new MountRpc(mounts, platformMounts, blobs, content, clock));
    modules.add(new ContentRpc(mounts, content));
    Images images =
        lifecycle.add(
            "image builds",
            Images.open(
                new ImageStore(database.jdbi()),
                buildLogs,
                new BuildMounts(mounts, platformMounts, content, System.getenv()),
                shared.secrets().forBuilds(),
                new LateBuilds(functionBuilds),
                ids,
                clock,
                settings.buildLimits()));
    modules.add(new ImageRpc(images, new Foresight(platformMounts)::expect, clock));
    modules.add(
        new ImageNameRpc(
            new ImageNames(new ImageNameStore(database.jdbi()), images, ids, clock), environments));
    callsAndTasks(images, mounts, platformMounts);
    shared.chores(chores);
    chores.every(Chores.HOUR, new ExpiredBlobsChore(blobs, clock));
    chores.every(Chores.HOUR, new AbandonedUploadsChore(mounts, clock));
    chores.every(
        Chores.HOUR, new ContentChore(content, List.of(blobs::listUsed, mounts::listUsed), clock));
  }

  private Mounts mountsAndBlobs() {
    BlobLinks links = BlobLinks.open(blobStore, clock);
    modules.add(new BlobRpc(blobs, links, this::blobAddress));
    routes.add(
        new HttpRoute(BlobLinks.PATH_PREFIX, new BlobHttp(blobs, blobStore, links, content)));
    return new Mounts(new MountStore(database.jdbi()), content);
  }

  private String blobAddress(Caller caller) {
    if (caller instanceof Caller.Task task) {
      return tasks
          .findLive(task.task())
          .flatMap(live -> fleet.containerBlobUrl(live.workerId()))
          .orElse(publicUrl);
    }
    return publicUrl;
  }

  private void callsAndTasks(Images images, Mounts mounts, PlatformMounts platformMounts) {
    GroupCommit commits = lifecycle.add("group commit", new GroupCommit(database));
    Deadlines deadlines = lifecycle.add("deadlines", new Deadlines());
    AppParts parts = appParts();
    Apps apps = parts.apps();
    Functions functions = parts.functions();
    CallSystem calls =
        CallSystem.create(
            new CallStore(database.jdbi()),
            commits,
            functions,
            apps,
            CallLimits.DEFAULT,
            ids,
            clock,
            deadlines,
            new LateContainers(taskLife));
    Logs logs = new Logs(database, apps, tasks, calls.outputs(), clock);
    TaskLife life =
        lifecycle.add(
            "scheduler",
            new TaskLife(
                new TaskLife.Wiring(
                    apps,
                    functions,
                    calls,
                    tasks,
                    fleet,
                    orders(images, platformMounts, parts, logs),
                    logs::notice,
                    ids,
                    deadlines,
                    clock,
                    new TaskLife.Ends(logs::appFinished, logs::taskEnded))));
    taskLife.set(life);
    functionBuilds.set(functionBuilds(calls, functions, life));
    appEdges(parts, new Visible(images, mounts, shared.secrets().secrets()));
    modules.add(shared.secrets().rpc(apps, environments, workspaces));
    modules.add(new ScalingRpc(functions, life.functions()));
    callEdges(calls, functions, apps);
    modules.add(new InputRpc(calls, life, functions));
    modules.add(new TaskRpc(tasks, life, apps, environments, clock));
    modules.add(
        new FleetRpc(
            fleet,
            fleetBuilds,
            storage,
            functionBuilds.get(),
            buildLogs,
            life,
            tasks,
            logs.taskOutput(),
            deadlines));
    modules.add(logs.rpc(images));
    operatorQuestions(apps, functions, calls, life);
    apps.load();
    calls.load().run();
    life.start();
    life.resume();
    appAndTaskChores(apps, functions, calls, life);
    logs.chores(chores);
  }

  private void operatorQuestions(Apps apps, Functions functions, CallSystem calls, TaskLife life) {
    routes.add(
        new HttpRoute(
            WhyCommand.PATH,
            new LinesHttp(
                WhyCommand.PATH,
                new Explanations(apps, functions, calls, tasks, life, clock)::of,
                tokens)));
    routes.add(
        new RetentionParts(settings, new ImageStore(database.jdbi()), functions, apps, storage)
            .wire(chores, tokens, clock));
  }

  private FunctionBuilds functionBuilds(CallSystem calls, Functions functions, TaskLife life) {
    return new FunctionBuilds(
        fleetBuilds, calls, functions, tasks, life, buildLogs, shared.secrets().forBuilds(), clock);
  }

  private StartOrders orders(
      Images images, PlatformMounts platformMounts, AppParts parts, Logs logs) {
    return new RunnerOrderTranslation(
        parts.apps(),
        images,
        platformMounts,
        parts.layouts(),
        shared.secrets().secrets(),
        logs::notice);
  }

  private void callEdges(CallSystem calls, Functions functions, Apps apps) {
    modules.add(new CallRpc(calls, functions, apps));
    modules.add(
        new CallHistoryRpc(new CallHistoryStore(database.jdbi()), calls.calls(), functions));
    modules.add(
        new CallGraphRpc(new CallGraphStore(database.jdbi()), calls.calls(), functions, apps));
    routes.add(
        new HttpRoute(
            "/debug/",
            new TimelineHttp(
                calls.timelines(),
                (workspace, call) -> apps.require(workspace, calls.calls().requireApp(call)),
                tokens)));
  }

  private void appAndTaskChores(Apps apps, Functions functions, CallSystem calls, TaskLife life) {
    chores.every(
        settings.silentAppInterval(), new SilentAppChore(apps, settings.appHeartbeatTimeout()));
    chores.every(
        DetachedAppChore.INTERVAL, new DetachedAppChore(apps, calls.calls()::hasUnfinished));
    shared.secrets().chores(chores, apps);
    chores.every(Chores.MINUTE, calls.chore());
    chores.every(Chores.MINUTE, life::endSilent);
    chores.every(Chores.HOUR, functions.chore(new CallStore(database.jdbi())::hasCallsOf));
  }

  /// What is known of apps and functions, before anything of them runs.
  private record AppParts(
      Apps apps,
      FunctionTranslation translation,
      Functions functions,
      Deployments deployments,
      LayoutTranslation layouts) {}

  private AppParts appParts() {
    AppStore store = new AppStore(database.jdbi());
    Apps apps =
        new Apps(
            store,
            ids,
            clock,
            (App app, boolean urgent, String reason) ->
                taskLife.get().stopped(app, urgent, reason));
    FunctionTranslation translation = new FunctionTranslation();
    Functions functions =
        new Functions(new FunctionStore(database.jdbi()), apps, translation, ids, clock);
    Deployments deployments =
        new Deployments(
            apps,
            store,
            functions,
            (app, everything) -> taskLife.get().published(app, everything),
            clock);
    return new AppParts(
        apps,
        translation,
        functions,
        deployments,
        new LayoutTranslation(functions, translation, deployments));
  }

  private void appEdges(AppParts parts, Ingredients visible) {
    modules.add(
        new FunctionRpc(
            parts.functions(),
            parts.translation(),
            parts.layouts(),
            parts.apps(),
            parts.deployments(),
            environments,
            visible));
    modules.add(new AppInfoRpc(parts.apps(), parts.functions(), parts.translation()));
    AppAddresses addresses = app -> publicUrl + "/apps/" + app;
    DeploymentNotes notes = new DeploymentNotes(id -> workspaces.require(id).name());
    modules.add(
        new AppRpc(
            parts.apps(),
            parts.deployments(),
            notes,
            environments,
            addresses,
            app -> tasks.listOf(app).size()));
    modules.add(new DeploymentRpc(parts.apps(), parts.deployments(), notes, addresses, clock));
  }

  /// The services for one more transport.
  RpcServices services() {
    return new RpcServices(Methods.of(modules), new Identification(tokens, workerToken, tasks));
  }

  /// Functions are made of what their workspace has.
  private record Visible(Images images, Mounts mounts, Secrets secrets) implements Ingredients {
    @Override
    public void require(WorkspaceId workspace, ImageId image, List<MountId> used) {
      images.require(workspace, image);
      mounts.requireVisible(workspace, used);
    }

    @Override
    public void requireSecrets(WorkspaceId workspace, List<SecretId> used) {
      secrets.names(workspace, used);
    }
  }

  /// Calls tell the task life what they need of containers, and it is built after them.
  private record LateContainers(Late<TaskLife> life) implements Containers {
    @Override
    public void demandChanged(FunctionId function) {
      life.get().demandChanged(function);
    }

    @Override
    public void worked(FunctionId function) {
      life.get().worked(function);
    }

    @Override
    public void cancelInputs(TaskId task, List<InputId> inputs) {
      life.get().cancelInputs(task, inputs);
    }

    @Override
    public void kill(TaskId task, String reason) {
      life.get().kill(task, reason);
    }
  }
}
