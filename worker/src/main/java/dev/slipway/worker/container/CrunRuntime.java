package dev.slipway.worker.container;

import dev.slipway.content.files.FileNodes;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.cgroup.Cgroup;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.cgroup.Limits;
import dev.slipway.worker.container.ContainerSpec.Bind;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.machine.Directories;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.network.HostAccess;
import dev.slipway.worker.network.Namespaces;
import dev.slipway.worker.network.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// Starts containers with crun, in the foreground: its process lives as long as the container,
/// holds its pipes, and ends with its exit status.
public final class CrunRuntime implements ContainerRuntime, AutoCloseable {
  /// Where programs are looked for in an image that does not say.
  public static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /// What the container's mounts may leave behind in its root file system, as empty files and
  /// directories: an image build does not keep them.
  public static final List<String> MOUNT_POINTS =
      List.of("/proc", "/dev", "/sys", "/etc/hosts", "/etc/resolv.conf", "/__modal");

  /// Most open files of a process, unless the host allows less.
  private static final long OPEN_FILES_LIMIT = 65_536;

  /// The runtime's own process and the first process, which the container's limit does not count.
  private static final int PROCESSES_OF_OURS = 2;

  private static final int START_MESSAGE_LIMIT = 2_000;

  private final Path anchor;
  private final Path bundles;
  private final Cgroups cgroups;
  private final Namespaces namespaces;
  private final HostAccess host;
  private final RuntimeProcess runtime;
  private final OciConfig configuration;
  private final Clock clock;
  private final JsonMapper json = JsonMapper.builder().build();

  public CrunRuntime(
      Installation installation,
      RuntimePrograms programs,
      Cgroups cgroups,
      Namespaces namespaces,
      HostAccess host,
      Clock clock) {
    Path run = installation.runDirectory();
    this.bundles = Directories.makePrivate(run.resolve("containers"));
    this.anchor = makeAnchor(installation.rootAnchor());
    this.cgroups = cgroups;
    this.namespaces = namespaces;
    this.host = host;
    this.runtime =
        new RuntimeProcess(
            programs,
            cgroups.layout(),
            Directories.makePrivate(run.resolve("crun")),
            anchor,
            installation.disksDirectory());
    this.configuration = new OciConfig(programs.init(), openFilesLimit());
    this.clock = clock;
  }

  @Override
  public RunningContainer run(ContainerSpec spec, OutputSink output) throws InterruptedException {
    Path bundle = bundles.resolve(spec.id());
    if (Files.exists(bundle)) {
      throw new SlipwayException(
          ErrorKind.CONFLICT, "a container named '" + spec.id() + "' runs here already");
    }
    Directories.makePrivate(bundle);
    Belongings belongings = new Belongings(spec.id(), bundle);
    try {
      Optional<NetworkNamespace> network =
          spec.network() == Network.OUTBOUND ? Optional.of(namespaces.acquire()) : Optional.empty();
      belongings.network = network;
      ContainerUser user = ContainerUser.find(spec.rootfs(), spec.user());
      writeConfiguration(spec, bundle, user, network);
      Cgroup cgroup = cgroups.create(spec.id(), limits(spec));
      belongings.cgroup = Optional.of(cgroup);
      Path fifo = bundle.resolve("pid");
      FileNodes.makePipe(fifo);
      RuntimeProcess.Started started =
          runtime.start(spec.id(), bundle, fifo, spec.rootfs(), cgroup.joinFiles());
      if (started.pid() == 0) {
        throw startFailure(spec, started.process());
      }
      return CrunContainer.watch(spec, started, cgroup, output, clock, belongings);
    } catch (IOException e) {
      belongings.giveBack();
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the container %s cannot be set up: %s".formatted(spec.id(), e),
          e);
    } catch (RuntimeException | InterruptedException e) {
      belongings.giveBack();
      throw e;
    }
  }

  /// What a container holds on this machine besides its processes.
  final class Belongings {
    private final String id;
    private final Path bundle;
    private Optional<NetworkNamespace> network = Optional.empty();
    private Optional<Cgroup> cgroup = Optional.empty();

    private Belongings(String id, Path bundle) {
      this.id = id;
      this.bundle = bundle;
    }

    /// Ends what still runs and gives everything back.
    void giveBack() throws InterruptedException {
      cgroup.ifPresent(Cgroup::killAll);
      runtime.forget(id);
      cgroup.ifPresent(Cgroup::remove);
      network.ifPresent(namespaces::release);
      Directories.delete(bundle);
    }
  }

  private void writeConfiguration(
      ContainerSpec spec, Path bundle, ContainerUser user, Optional<NetworkNamespace> network)
      throws IOException {
    List<Bind> binds = new ArrayList<>();
    String hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
    String address = network.map(NetworkNamespace::address).orElse("127.0.0.1");
    binds.add(
        new Bind(
            ownedFile(bundle.resolve("hosts"), hosts + address + "\t" + spec.id() + "\n"),
            "/etc/hosts",
            false));
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PATH", DEFAULT_PATH);
    environment.put("HOME", user.home());
    if (network.isPresent()) {
      binds.add(
          new Bind(
              ownedFile(bundle.resolve("resolv.conf"), host.resolvConf()),
              "/etc/resolv.conf",
              false));
      host.certificates()
          .ifPresent(bundleFile -> binds.add(new Bind(bundleFile, HostAccess.CERTIFICATES, true)));
      environment.putAll(host.variables());
    }
    environment.putAll(spec.environment());
    binds.addAll(spec.binds());
    OciConfig.Found found =
        new OciConfig.Found(
            runtime.root(), user, environment, network.map(NetworkNamespace::file), binds);
    writePrivate(
        bundle.resolve("config.json"), json.writeValueAsBytes(configuration.write(spec, found)));
  }

  /// The environment in it holds secrets, so it is not only the directory that keeps others out.
  private static void writePrivate(Path file, byte[] bytes) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, bytes);
  }

  /// A file that the container's root may change, for its own container only.
  private static Path ownedFile(Path file, String contents) throws IOException {
    Files.writeString(file, contents);
    Ownership.giveToRoot(file);
    return file;
  }

  private static Limits limits(ContainerSpec spec) {
    return new Limits(
        spec.resources().milliCpu(),
        spec.resources().milliCpuLimit(),
        spec.resources().memoryMib(),
        spec.resources().memoryMibLimit(),
        spec.effectivePidsLimit() + PROCESSES_OF_OURS);
  }

  private static SlipwayException startFailure(ContainerSpec spec, Process process)
      throws IOException, InterruptedException {
    process.waitFor();
    String message =
        new String(process.getErrorStream().readNBytes(START_MESSAGE_LIMIT), StandardCharsets.UTF_8)
            .strip();
    return new SlipwayException(
        ErrorKind.UNAVAILABLE,
        "the container %s did not start: %s"
            .formatted(
                spec.id(),
                message.isEmpty() ? "its runtime ended with " + process.exitValue() : message));
  }

  private static Path makeAnchor(Path anchor) {
    try {
      Files.createDirectories(anchor);
      Files.setPosixFilePermissions(anchor, PosixFilePermissions.fromString("rwxr-xr-x"));
      return anchor;
    } catch (IOException e) {
      throw new UncheckedIOException("the directory " + anchor + " cannot be made", e);
    }
  }

  /// Takes its directory outside of the installation away. No container may be left, nor be started
  /// any more.
  @Override
  public void close() throws IOException {
    Files.deleteIfExists(anchor);
  }

  private static long openFilesLimit() {
    try {
      // "Max open files            1024                 20000                files"
      return Files.readAllLines(Path.of("/proc/self/limits")).stream()
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.split("\\s+")[4])
          .filter(word -> word.chars().allMatch(Character::isDigit))
          .mapToLong(Long::parseLong)
          .findFirst()
          .stream()
          .map(hard -> Math.min(hard, OPEN_FILES_LIMIT))
          .findFirst()
          .orElse(OPEN_FILES_LIMIT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
