package dev.slipway.controlplane.supply;

import dev.slipway.content.ContentStore;
import dev.slipway.controlplane.mount.GlobalMounts;
import dev.slipway.controlplane.mount.MountFile;
import dev.slipway.controlplane.mount.Mounts;
import dev.slipway.images.python.Interpreters;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The mounts that the platform supplies to containers: the client's own packages, one mount per
/// client version, the packages they need, one per image builder version and Python, and Pythons
/// for images that have none.
///
/// Each is fetched from the package index once and found in the content store ever after; whoever
/// asks while it is being fetched waits for the same fetch. A failed fetch is tried again when
/// somebody asks again.
public final class PlatformMounts implements GlobalMounts {
  /// The newest builder version whose images hold the client's dependencies themselves.
  private static final String LAST_SELF_CONTAINED_BUILDER = "2024.10";

  private static final String CLIENT_MOUNT = "modal-client-mount-";
  private static final String RUNNER_MOUNT = "slipway-runner-";
  private static final Pattern CLIENT_VERSION =
      Pattern.compile("\\d{1,3}\\.\\d{1,4}\\.\\d{1,6}(\\.?(dev|post|rc|a|b)\\d{1,9})?");
  private static final Pattern BUILDER_VERSION = Pattern.compile("\\d{4}\\.\\d{2}|PREVIEW");

  private static final Logger log = LoggerFactory.getLogger(PlatformMounts.class);

  private final Mounts mounts;
  private final ContentStore content;
  private final PackageSupply supply;
  private final PythonSupply pythons;

  /// Part of the name, so that a new version of the platform brings its own files.
  private final Digest runnerDigest = RunnerFiles.digest();

  /// Mounts that this process has seen complete, by name: as many as there are client versions and
  /// pairs of builder and Python versions in use.
  private final Map<String, MountId> ready = new ConcurrentHashMap<>();

  private final Map<String, CompletableFuture<MountId>> underWay = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /// @param workDirectory for downloads on their way; made when needed, what is in it may be
  ///   deleted
  /// @param python tells an interpreter that has pip, such as [HostPython#require]
  /// @param interpreters those that images can be given
  public PlatformMounts(
      Mounts mounts,
      ContentStore content,
      Path workDirectory,
      Supplier<Path> python,
      Interpreters interpreters) {
    this(mounts, content, workDirectory, new Pip(python), interpreters);
  }

  PlatformMounts(
      Mounts mounts,
      ContentStore content,
      Path workDirectory,
      WheelSource wheels,
      Interpreters interpreters) {
    this.mounts = mounts;
    this.content = content;
    this.supply = new PackageSupply(content, workDirectory, wheels);
    this.pythons = new PythonSupply(content, workDirectory, interpreters);
  }

  /// The packages of the client of this version, at `/pkg`.
  ///
  /// @param version as the client states it, such as "1.6.4"
  public MountId clientMount(String version) {
    if (!CLIENT_VERSION.matcher(version).matches()) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "'%s' is not the version of a client, expected is one such as 1.6.4"
              .formatted(Shown.atMost(version, 80)));
    }
    return findOrBegin(CLIENT_MOUNT + version, () -> supply.client(version));
  }

  /// The packages that a client in a container needs and its image does not have, at
  /// `/__modal/deps` behind everything that the user installed. Empty for builder versions whose
  /// images have them.
  ///
  /// @param builderVersion of the image, such as "2025.06"
  /// @param pythonMinor of the image, such as "3.11"
  public Optional<MountId> dependencyMount(String builderVersion, String pythonMinor) {
    if (!BUILDER_VERSION.matcher(builderVersion).matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' is not an image builder version, expected is one such as 2025.06"
              .formatted(builderVersion));
    }
    // Dates in this form sort as text, and PREVIEW comes after all of them.
    if (builderVersion.compareTo(LAST_SELF_CONTAINED_BUILDER) <= 0) {
      return Optional.empty();
    }
    PythonVersion python = PythonVersion.parse(pythonMinor);
    String name = "%s-%s-manylinux_2_17-x86_64".formatted(builderVersion, python.tag());
    return Optional.of(findOrBegin(name, () -> supply.dependencies(builderVersion, python)));
  }

  /// What the platform itself adds to the Python of every container, at `/pkg`.
  public MountId runnerMount() {
    return findOrBegin(RUNNER_MOUNT + runnerDigest.hex(), supply::runner);
  }

  /// Begins to fetch, so that nobody waits later. A failure is logged and shows again when somebody
  /// needs the mount.
  public void prepareClient(String version) {
    prepare("the client " + version, () -> clientMount(version));
  }

  /// [#prepareClient] for the dependencies.
  public void prepareDependencies(String builderVersion, String pythonMinor) {
    prepare(
        "the dependencies of builder " + builderVersion + " for Python " + pythonMinor,
        () -> dependencyMount(builderVersion, pythonMinor));
  }

  private void prepare(String what, Runnable fetch) {
    threads.execute(() -> {
      try {
        fetch.run();
      } catch (SlipwayException e) {
        log.warn("{} cannot be supplied yet: {}", what, e.getMessage());
      }
    });
  }

  /// Whether a mount is one of the platform's own, which are the same for every container.
  public boolean supplies(MountId mount) {
    return ready.containsValue(mount) || mounts.isPlatform(mount);
  }

  /// A sentence about what one of the platform's mounts holds, for those who build with it.
  public Optional<String> describe(MountId mount) {
    return ready.entrySet().stream()
        .filter(entry -> entry.getValue().equals(mount))
        .flatMap(entry -> PythonSupply.describe(entry.getKey()).stream())
        .findFirst();
  }

  @Override
  public MountId require(String name) {
    if (name.startsWith(PythonSupply.CLIENTS_NAME)) {
      PythonSupply.Donor donor = pythons.require(name);
      return findOrBegin(donor.name(), () -> pythons.files(donor));
    }
    if (!name.startsWith(CLIENT_MOUNT)) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "this server supplies no mount named '%s', only %sVERSION and %sRELEASE"
              .formatted(name, CLIENT_MOUNT, PythonSupply.CLIENTS_NAME));
    }
    return clientMount(name.substring(CLIENT_MOUNT.length()));
  }

  private MountId findOrBegin(String name, Supplier<List<MountFile>> fetch) {
    MountId known = ready.get(name);
    return known != null ? known : join(begin(name, fetch));
  }

  private CompletableFuture<MountId> begin(String name, Supplier<List<MountFile>> fetch) {
    return underWay.computeIfAbsent(
        name,
        key ->
            CompletableFuture.supplyAsync(() -> findOrFetch(name, fetch), threads)
                .whenCompleteAsync(
                    (mount, failure) -> {
                      if (mount != null) {
                        ready.put(name, mount);
                      }
                      // A failure is to be tried again by whoever asks next.
                      underWay.remove(name);
                    },
                    threads));
  }

  private MountId findOrFetch(String name, Supplier<List<MountFile>> fetch) {
    Optional<MountId> known = mounts.findPlatform(name).filter(this::isComplete);
    if (known.isPresent()) {
      return known.get();
    }
    long start = System.nanoTime();
    List<MountFile> files = fetch.get();
    MountId mount = mounts.createPlatform(name, files);
    log.info(
        "{}: {} files are here after {} ms",
        name,
        files.size(),
        (System.nanoTime() - start) / 1_000_000);
    return mount;
  }

  /// False when the content store was lost or replaced under the database.
  private boolean isComplete(MountId mount) {
    return mounts.manifest(mount).files().stream()
        .allMatch(file -> content.contains(file.digest()));
  }

  private static MountId join(CompletableFuture<MountId> mount) {
    try {
      return mount.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SlipwayException refused) {
        // A new one: the same failure may be thrown to several callers at once.
        throw new SlipwayException(refused.kind(), String.valueOf(refused.getMessage()), refused);
      }
      throw new IllegalStateException("a platform mount could not be made", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the wait for a platform mount was interrupted", e);
    }
  }
}
