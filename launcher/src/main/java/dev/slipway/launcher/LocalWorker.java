package dev.slipway.launcher;

import dev.slipway.images.outbound.Outbound;
import dev.slipway.images.python.Interpreters;
import dev.slipway.images.registry.Registry;
import dev.slipway.worker.agent.Agent;
import dev.slipway.worker.agent.LogShipper;
import dev.slipway.worker.agent.TaskStarter;
import dev.slipway.worker.base.BaseImages;
import dev.slipway.worker.base.BaseProvider;
import dev.slipway.worker.base.CachedBases;
import dev.slipway.worker.base.DebianRoots;
import dev.slipway.worker.base.Downloads;
import dev.slipway.worker.base.LocalBases;
import dev.slipway.worker.base.PythonLayers;
import dev.slipway.worker.base.RegistryBases;
import dev.slipway.worker.base.UvImages;
import dev.slipway.worker.build.BuildCaches;
import dev.slipway.worker.build.Builder;
import dev.slipway.worker.build.BuildingAdapter;
import dev.slipway.worker.build.DiskRoom;
import dev.slipway.worker.build.DownloadCaches;
import dev.slipway.worker.build.FunctionLayersAdapter;
import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.cleanup.Leftovers;
import dev.slipway.worker.cleanup.StorageAdapter;
import dev.slipway.worker.container.CrunRuntime;
import dev.slipway.worker.container.RuntimePrograms;
import dev.slipway.worker.doctor.Doctor;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.ProcessorGauge;
import dev.slipway.worker.network.HostAccess;
import dev.slipway.worker.network.NetworkPool;
import dev.slipway.worker.network.Resolvers;
import dev.slipway.worker.relay.BlobRelay;
import dev.slipway.worker.relay.TaskSockets;
import dev.slipway.worker.rootfs.BytecodeLayers;
import dev.slipway.worker.rootfs.EphemeralDisks;
import dev.slipway.worker.rootfs.FleetContentSource;
import dev.slipway.worker.rootfs.MountTrees;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystems;
import io.grpc.Channel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A worker's parts, built bottom to top and wired by hand. The same for a worker in the server's
/// process and for one on another machine: it knows the control plane by a channel, a token and the
/// door's address.
final class LocalWorker {
  private static final Duration ATTACH_PATIENCE = Duration.ofSeconds(30);
  private static final Path MEMORY = Path.of("/proc/meminfo");

  private final Path directory;
  private final Lifecycle lifecycle;
  private final Map<String, String> environment;
  private final BaseSources sources;
  private final Clock clock = Clock.systemUTC();

  LocalWorker(Path directory, Map<String, String> environment, Lifecycle lifecycle) {
    this.directory = directory;
    this.environment = environment;
    this.sources = BaseSources.of(environment);
    this.lifecycle = lifecycle;
  }

  /// Removes what a killed worker left and starts this one; returns when it is attached.
  ///
  /// @param door where the control plane is reached by HTTP, for blobs
  void start(String workerId, Channel plain, String token, URI door)
      throws IOException, InterruptedException {
    Installation installation = Installation.of(directory);
    Doctor.of(installation, environment).requireEssential();
    Cgroups cgroups = new Cgroups(CgroupLayout.detect(), installation.cgroup());
    Leftovers leftovers = new Leftovers(installation, cgroups);
    leftovers.remove();
    lifecycle.add("leftovers", leftovers::remove);
    Channel channel = new WorkerCredentials(workerId, token).on(plain);
    Resolvers resolvers = Resolvers.ofHost();
    NetworkPool network =
        lifecycle.add("container networks", NetworkPool.open(installation, resolvers));
    BlobRelay blobs =
        lifecycle.add(
            "blob relay", BlobRelay.open(new InetSocketAddress(network.gateway(), 0), door));
    network.openPort(URI.create(blobs.url()).getPort());
    CrunRuntime runtime =
        lifecycle.add(
            "container runtime",
            new CrunRuntime(
                installation,
                RuntimePrograms.find(),
                cgroups,
                network,
                HostAccess.of(
                    network.resolvConf(), environment, Settings.handedThrough(environment)),
                clock));
    LayerStore layers = LayerStore.open(installation.directory(), clock);
    OverlayRoots overlays =
        lifecycle.add(
            "root file systems", OverlayRoots.open(installation.directory(), layers.uses()));
    MountTrees mounts =
        MountTrees.open(installation.directory(), new FleetContentSource(channel), layers.uses());
    BytecodeLayers bytecode =
        lifecycle.add("bytecode", new BytecodeLayers(layers, overlays, runtime));
    RootFilesystems roots = new RootFilesystems(overlays, layers, mounts, bytecode);
    TaskSockets sockets =
        lifecycle.add(
            "task sockets",
            new TaskSockets(Path.of("/run", "slipway-" + installation.key() + "-s"), channel));
    DiskRoom room = new DiskRoom(Settings.buildRoom(environment));
    LogShipper logs = lifecycle.add("log shipper", new LogShipper(channel));
    Agent agent =
        lifecycle.add(
            "agent",
            new Agent(
                new Agent.Identity(
                    workerId,
                    Runtime.getRuntime().availableProcessors() * 1_000,
                    memoryMib(),
                    EphemeralDisks.capacityMib(installation.directory()),
                    blobs.url()),
                channel,
                new TaskStarter(
                    roots,
                    sockets,
                    runtime,
                    new FunctionLayersAdapter(layers, roots, new LayerCommand(runtime), room),
                    clock),
                builds(installation, layers, overlays, mounts, roots, runtime, room),
                new StorageAdapter(layers, mounts, clock),
                logs,
                clock));
    agent.start();
    agent.awaitAttached(ATTACH_PATIENCE);
    lifecycle.add(
        "processor gauge",
        new ProcessorGauge(Path.of("/proc/stat"), agent::hasTasks, agent::saysSaturated));
  }

  private BuildingAdapter builds(
      Installation installation,
      LayerStore layers,
      OverlayRoots overlays,
      MountTrees mounts,
      RootFilesystems roots,
      CrunRuntime runtime,
      DiskRoom room)
      throws IOException {
    LayerCommand command = new LayerCommand(runtime);
    SharedMaking making = new SharedMaking(layers);
    CachedBases cache = CachedBases.open(installation.directory(), layers, clock);
    LocalBases local =
        new LocalBases(
            new DebianRoots(layers, making, sources.mirror()),
            new PythonLayers(making, overlays, command),
            Interpreters.ofThisMachine(sources.interpreters()));
    Downloads downloads = Downloads.open(installation.directory());
    Registry registry =
        lifecycle.add(
            "registry client",
            new Registry(sources.registries(), downloads.content(), Outbound.of(environment)));
    RegistryBases pulled = new RegistryBases(registry, downloads, layers, making, clock);
    UvImages uv = new UvImages(local, layers, making, overlays, command, clock);
    List<BaseProvider> others =
        List.of(cache.stale(), cache.remembering(uv), cache.remembering(local));
    BaseImages bases =
        new BaseImages(
            Stream.concat(Stream.of(cache.fresh(), cache.remembering(pulled)), others.stream())
                .toList(),
            Stream.concat(Stream.of(cache.remembering(pulled.now())), others.stream()).toList(),
            login -> List.of(pulled.with(login), uv, local));
    long cacheBytes = Settings.downloadCacheBytes(environment);
    BuildCaches caches = BuildCaches.open(installation.directory(), cacheBytes, clock);
    DownloadCaches packages = DownloadCaches.open(installation.directory(), cacheBytes);
    return new BuildingAdapter(
        new Builder(
            layers, making, overlays, roots, mounts, bases, command, caches, packages, room),
        clock);
  }

  /// What this machine has, in MiB.
  private static long memoryMib() {
    try {
      return Files.readAllLines(MEMORY).stream()
              .filter(line -> line.startsWith("MemTotal:"))
              .map(line -> line.replaceAll("[^0-9]", ""))
              .mapToLong(Long::parseLong)
              .findFirst()
              .orElseThrow()
          / 1024;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
