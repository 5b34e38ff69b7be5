package dev.slipway.controlplane.supply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.FileContentStore;
import dev.slipway.controlplane.mount.MountFile;
import dev.slipway.controlplane.mount.MountStore;
import dev.slipway.controlplane.mount.Mounts;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.images.python.Interpreters;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Platform mounts, with a package index of two small packages.
@Tag("integration")
final class PlatformMountsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  @TempDir Path directory;

  private final Index index = new Index();
  private Mounts mounts;
  private FileContentStore content;
  private PlatformMounts platform;

  @BeforeEach
  void open() {
    FIXTURE.database().jdbi().useHandle(handle -> handle.execute("delete from platform_mount"));
    content = new FileContentStore(directory.resolve("content"));
    mounts = new Mounts(new MountStore(FIXTURE.database().jdbi()), content);
    platform = restarted();
  }

  private PlatformMounts restarted() {
    return new PlatformMounts(
        mounts, content, directory.resolve("work"), index, new Interpreters(List.of(directory)));
  }

  @Test
  void clientMountHoldsTheClientsPackagesOnly() {
    MountId id = platform.require("modal-client-mount-1.2.3");

    assertThat(paths(id))
        .containsExactly(
            "/pkg/modal/__init__.py",
            "/pkg/modal/builder/2025.06.txt",
            "/pkg/modal_version/__init__.py",
            "/pkg/synchronicity/__init__.py");
    assertThat(index.pure).containsExactly("modal==1.2.3", "synchronicity~=0.12.7");
    assertThat(Files.exists(directory.resolve("work"))).isTrue();
    assertThat(list(directory.resolve("work"))).isEmpty();
  }

  @Test
  void aPythonThatNobodyHasIsRefusedWithThoseThatThereAre() throws IOException {
    Path home = directory.resolve("3.12.4");
    for (String part : List.of("bin", "lib", "include/python3.12")) {
      Files.createDirectories(home.resolve(part));
    }
    Files.createFile(home.resolve("bin/python3.12"));
    Files.writeString(
        home.resolve("include/python3.12/patchlevel.h"), "#define PY_VERSION \"3.12.4\"\n");

    assertThatThrownBy(() -> platform.require("python-build-standalone.20230826.3.11.5-gnu"))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("3.11.5")
        .hasMessageContaining("there are 3.12.4");
    assertThatThrownBy(() -> platform.require("python-build-standalone.20251209.3.12.2t-gnu"))
        .as("one without the global lock is another Python")
        .hasMessageContaining("3.12.2t");
  }

  @Test
  void everythingIsFetchedOnceAndFoundAfterARestart() {
    MountId client = platform.clientMount("1.2.3");
    Optional<MountId> dependencies = platform.dependencyMount("2025.06", "3.11");
    int runs = index.runs.get();

    assertThat(platform.clientMount("1.2.3")).isEqualTo(client);
    assertThat(restarted().clientMount("1.2.3")).isEqualTo(client);
    assertThat(restarted().dependencyMount("2025.06", "3.11")).isEqualTo(dependencies);
    assertThat(index.runs.get()).isEqualTo(runs);
  }

  @Test
  void lostContentIsFetchedAgain() {
    MountId client = platform.clientMount("1.2.3");
    mounts.manifest(client).files().forEach(file -> content.delete(file.digest()));

    assertThat(restarted().clientMount("1.2.3")).isEqualTo(client);
    assertThat(mounts.manifest(client).files())
        .allSatisfy(file -> assertThat(content.contains(file.digest())).isTrue());
  }

  @Test
  void manyWhoAskAtOnceShareOneFetch() throws Exception {
    index.hold = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<MountId>> asked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        asked.add(threads.submit(() -> platform.clientMount("1.2.3")));
      }
      index.hold.countDown();
      for (Future<MountId> mount : asked) {
        assertThat(mount.get()).isEqualTo(asked.getFirst().get());
      }
    }
    assertThat(index.pure).containsExactly("modal==1.2.3", "synchronicity~=0.12.7");
  }

  @Test
  void dependenciesAreThoseOfTheImagesPython() {
    MountId id = platform.dependencyMount("2025.06", "3.10").orElseThrow();

    assertThat(paths(id)).containsExactly("/__modal/deps/alpha/__init__.py");
    assertThat(index.pinned).containsExactly(new Pin("alpha", "1.0"));
    platform.dependencyMount("2025.06", "3.13");
    assertThat(index.pinned).containsExactly(new Pin("alpha", "2.0"));
  }

  @Test
  void whatThePlatformAddsItselfNeedsNoIndex() throws IOException {
    MountId id = platform.runnerMount();

    assertThat(paths(id)).containsExactly("/pkg/sitecustomize.py", "/pkg/slipway_lane.py");
    MountFile site = mounts.manifest(id).files().getFirst();
    assertThat(new String(content.open(site.digest()).readAllBytes(), StandardCharsets.UTF_8))
        .contains("sys.path.append(\"/__modal/deps\")");
    assertThat(restarted().runnerMount()).isEqualTo(id);
    assertThat(index.runs.get()).isZero();
  }

  @Test
  void oldBuildersHaveTheirOwnDependencies() {
    for (String builder : List.of("2023.12", "2024.04", "2024.10")) {
      assertThat(platform.dependencyMount(builder, "3.11")).isEmpty();
    }
    assertThat(index.runs.get()).isZero();
  }

  @Test
  void whatIsNotPlausibleNeverReachesTheIndex() {
    for (String name :
        List.of(
            "modal-client-mount-",
            "modal-client-mount-1.2.3 --index-url=http://evil",
            "modal-client-mount-../../x",
            "something-else")) {
      assertThatThrownBy(() -> platform.require(name))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    }
    for (List<String> versions :
        List.of(List.of("", "3.11"), List.of("2025.06.1", "3.11"), List.of("2025.06", "3"))) {
      assertThatThrownBy(() -> platform.dependencyMount(versions.get(0), versions.get(1)))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID));
    }
    assertThatThrownBy(() -> platform.dependencyMount("2031.01", "3.11"))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("knows no image builder version '2031.01'");
  }

  @Test
  void failureIsToldAndTriedAgain() {
    index.failure = "the index is away";
    assertThatThrownBy(() -> platform.clientMount("1.2.3"))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("the index is away");

    index.failure = "";
    assertThat(platform.clientMount("1.2.3")).isNotNull();
  }

  @Test
  void aFailureToPrepareIsToldToWhoWaitsAndTriedAgainForTheNext() throws Exception {
    index.failure = "the index is away";
    index.hold = new CountDownLatch(1);
    platform.prepareClient("1.2.3");
    index.asked.acquire();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<MountId> waiting = threads.submit(() -> platform.clientMount("1.2.3"));
      index.hold.countDown();
      assertThatThrownBy(waiting::get).hasMessageContaining("the index is away");
    }

    index.failure = "";
    assertThat(platform.clientMount("1.2.3")).isNotNull();
  }

  private List<String> paths(MountId id) {
    return mounts.manifest(id).files().stream().map(MountFile::path).toList();
  }

  private static List<Path> list(Path below) {
    try (Stream<Path> entries = Files.list(below)) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// A package index that knows every version of the client and of two other packages.
  private static final class Index implements WheelSource {
    final AtomicInteger runs = new AtomicInteger();

    /// One permit for each question that has arrived.
    final Semaphore asked = new Semaphore(0);

    List<String> pure = new ArrayList<>();
    List<Pin> pinned = List.of();
    volatile CountDownLatch hold = new CountDownLatch(0);
    volatile String failure = "";

    @Override
    public List<Path> fetchPure(List<String> requirements, Path target) {
      begin();
      pure.addAll(requirements);
      String requirement = requirements.getFirst();
      return requirement.startsWith("modal")
          ? List.of(
              write(
                  target.resolve("modal.whl"),
                  Map.of(
                      "modal/__init__.py",
                      "client",
                      "modal/builder/2025.06.txt",
                      "alpha==1.0 ; python_version < \"3.11\"\n"
                          + "alpha==2.0 ; python_version >= \"3.11\"\n",
                      "modal_version/__init__.py",
                      "1.2.3",
                      "modal_docs/__init__.py",
                      "not for containers",
                      "modal-1.2.3.dist-info/METADATA",
                      "Requires-Dist: synchronicity~=0.12.7\n")))
          : List.of(
              write(
                  target.resolve("synchronicity.whl"),
                  Map.of("synchronicity/__init__.py", "both worlds")));
    }

    @Override
    public List<Path> fetchPinned(List<Pin> pins, PythonVersion python, Path target) {
      begin();
      pinned = pins;
      return List.of(
          write(target.resolve("alpha.whl"), Map.of("alpha/__init__.py", "for " + python)));
    }

    private void begin() {
      runs.incrementAndGet();
      asked.release();
      try {
        hold.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (!failure.isEmpty()) {
        throw new SlipwayException(ErrorKind.UNAVAILABLE, failure);
      }
    }

    private static Path write(Path wheel, Map<String, String> files) {
      try {
        return WheelFiles.write(wheel, files);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
