package dev.slipway.worker.rootfs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.slipway.content.files.Trees;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class RootFilesystemsTest {
  @TempDir Path directory;
  private final FakeContentSource source = new FakeContentSource();
  private final FakeRuntime runtime =
      new FakeRuntime((spec, output) -> {
        Path cache = Files.createDirectories(spec.rootfs().resolve("pkg/__pycache__"));
        Files.writeString(cache.resolve("a.cpython-311.pyc"), "compiled");
        Files.writeString(spec.rootfs().resolve("left-by-the-runtime"), "");
        return 0;
      });
  private LayerStore layers;
  private MountTrees mounts;
  private RootFilesystems roots;

  @BeforeEach
  void open() throws IOException {
    layers = LayerStore.open(directory, Clock.systemUTC());
    OverlayRoots overlays = OverlayRoots.open(directory, layers.uses());
    mounts = MountTrees.open(directory, source, layers.uses());
    roots =
        new RootFilesystems(
            overlays, layers, mounts, new BytecodeLayers(layers, overlays, runtime));
  }

  @AfterEach
  void nothingStaysMounted() throws IOException {
    assertThat(MountTable.listBelow(directory)).isEmpty();
  }

  private LayerId layer(String id, Map<String, String> files) throws IOException {
    try (LayerStaging staging = layers.stage()) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = staging.diff().resolve(file.getKey());
        Files.createDirectories(path.getParent());
        if (file.getValue().startsWith("->")) {
          Files.createSymbolicLink(path, Path.of(file.getValue().substring(2)));
        } else {
          Files.writeString(path, file.getValue());
        }
      }
      Ownership.shift(staging.diff());
      return staging.commit(new LayerId(id)).id();
    }
  }

  private static List<MountReference> plain(MountId... ids) {
    return java.util.Arrays.stream(ids).map(id -> new MountReference(id, false)).toList();
  }

  @Test
  void upperLayersAndLaterMountsWinAndChangesAreDropped() throws Exception {
    LayerId lower = layer("lower", Map.of("etc/name", "lower", "etc/kept", "kept"));
    LayerId upper = layer("upper", Map.of("etc/name", "upper"));
    MountId first = source.mount("mo-1", Map.of("/root/a", "first", "/root/b", "first"));
    MountId second = source.mount("mo-2", Map.of("/root/b", "second"));

    try (RootFilesystem root =
        roots.compose("c1", List.of(lower, upper), plain(first, second), "")) {
      assertThat(root.root().resolve("etc/name")).hasContent("upper");
      assertThat(root.root().resolve("etc/kept")).hasContent("kept");
      assertThat(root.root().resolve("root/a")).hasContent("first");
      assertThat(root.root().resolve("root/b")).hasContent("second");
      Files.writeString(root.root().resolve("etc/name"), "changed");
      Files.delete(root.root().resolve("root/a"));
    }

    try (RootFilesystem root =
        roots.compose("c1", List.of(lower, upper), plain(first, second), "")) {
      assertThat(root.root().resolve("etc/name")).hasContent("upper");
      assertThat(root.root().resolve("root/a")).hasContent("first");
    }
    assertThat(directory.resolve("roots")).isEmptyDirectory();
  }

  @Test
  void directoriesOfTheImageKeepTheirOwnerAndModeUnderAMount() throws Exception {
    LayerId image;
    try (LayerStaging staging = layers.stage()) {
      Path tmp = Files.createDirectories(staging.diff().resolve("var/tmp"));
      Path home = Files.createDirectories(staging.diff().resolve("home/app"));
      Ownership.shift(staging.diff());
      Files.setAttribute(tmp, "unix:mode", 01777);
      Ownership.give(home, 1000, 1000);
      image = staging.commit(new LayerId("image")).id();
    }
    MountId mount = source.mount("mo-1", Map.of("/var/tmp/a", "1", "/home/app/b", "2"));

    try (RootFilesystem root = roots.compose("c1", List.of(image), plain(mount), "")) {
      Path tmp = root.root().resolve("var/tmp");
      assertThat((Integer) Files.getAttribute(tmp, "unix:mode") & 07777).isEqualTo(01777);
      assertThat(tmp.resolve("a")).hasContent("1");
      Path home = root.root().resolve("home/app");
      assertThat(Files.getAttribute(home, "unix:uid")).isEqualTo(101_000);
      assertThat(home.resolve("b")).hasContent("2");
    }
  }

  @Test
  void aMountNeverHidesASymbolicLinkOfTheImage() throws Exception {
    LayerId image =
        layer("image", Map.of("usr/bin/sh", "shell", "bin", "->usr/bin", "out", "->/../../etc"));
    MountId tool = source.mount("mo-1", Map.of("/bin/tool", "tool", "/out/file", "inside"));
    MountId later = source.mount("mo-2", Map.of("/usr/bin/tool", "later wins"));

    try (RootFilesystem root = roots.compose("c1", List.of(image), plain(tool, later), "")) {
      assertThat(Files.isSymbolicLink(root.root().resolve("bin"))).isTrue();
      assertThat(root.root().resolve("usr/bin/sh")).hasContent("shell");
      assertThat(root.root().resolve("usr/bin/tool")).hasContent("later wins");
      assertThat(root.root().resolve("etc/file")).hasContent("inside");
    }
  }

  @Test
  void manyLayersWithLongPathsFitIntoOneMount() throws Exception {
    List<LayerId> ids = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      ids.add(layer("layer-" + "x".repeat(100) + i, Map.of("file" + i, "" + i, "top", "" + i)));
    }
    try (RootFilesystem root = roots.compose("c1", ids, List.of(), "")) {
      assertThat(root.root().resolve("top")).hasContent("149");
      assertThat(root.root().resolve("file0")).hasContent("0");
    }
  }

  @Test
  void layersThatChangeNothingAreLeftOut() throws Exception {
    LayerId image = layer("image", Map.of("a", "a"));
    LayerId empty = layer("empty", Map.of());
    assertThat(roots.imageLowers(List.of(image, empty))).hasSize(1);
    assertThat(roots.imageLowers(List.of(empty))).hasSize(1);
  }

  @Test
  void bytecodeOfPlatformMountsIsMadeOnceInTheBackground() throws Exception {
    LayerId image =
        layer("image", Map.of("usr/bin/python3.11", "elf", "usr/bin/python", "->python3.11"));
    MountId client = source.mount("mo-1", Map.of("/pkg/a.py", "pass"));
    List<MountReference> mounts = List.of(new MountReference(client, true));

    try (RootFilesystem root = roots.compose("c1", List.of(image), mounts, "/usr/bin")) {
      assertThat(root.root().resolve("pkg/__pycache__")).doesNotExist();
    }
    await().until(() -> layers.list().size() == 2);
    try (RootFilesystem root = roots.compose("c2", List.of(image), mounts, "/usr/bin")) {
      assertThat(root.root().resolve("pkg/__pycache__/a.cpython-311.pyc")).hasContent("compiled");
      assertThat(root.root().resolve("pkg/a.py")).hasContent("pass");
      assertThat(root.root().resolve("left-by-the-runtime")).doesNotExist();
    }
    assertThat(runtime.started()).hasSize(1);
    assertThat(runtime.started().getFirst().arguments())
        .startsWith("/usr/bin/python3.11")
        .endsWith("/pkg");
  }

  @Test
  void whatAKilledWorkerLeftIsTakenAwayAtTheNextStart() throws Exception {
    LayerId image = layer("image", Map.of("a", "a"));
    RootFilesystem lost = roots.compose("lost", List.of(image), List.of(), "");
    assertThat(lost.root().resolve("a")).exists();

    OverlayRoots.open(directory, layers.uses());

    assertThat(MountTable.listBelow(directory)).isEmpty();
    assertThat(directory.resolve("roots")).isEmptyDirectory();
  }

  @Test
  void whatLiesBelowARootFileSystemIsNotRemoved() throws Exception {
    LayerId image = layer("image", Map.of("a", "a"));
    MountId mount = source.mount("mo-1", Map.of("/pkg/b", "b"));
    Instant later = Instant.now().plusSeconds(60);
    try (RootFilesystem root =
        roots.compose("c1", List.of(image), List.of(new MountReference(mount, false)), "")) {
      assertThat(layers.removeUnlessUsed(image, later)).isFalse();
      assertThat(mounts.removeUnlessUsed(mount, later)).isFalse();
      assertThat(root.root().resolve("a")).hasContent("a");
    }
    assertThat(layers.removeUnlessUsed(image, later)).isTrue();
    assertThat(mounts.removeUnlessUsed(mount, later)).isTrue();
    assertThat(mounts.require(mount).root().resolve("pkg/b")).hasContent("b");
  }

  @Test
  void oneNameIsUsedOnceAtATime() throws Exception {
    LayerId image = layer("image", Map.of("a", "a"));
    try (RootFilesystem root = roots.compose("c1", List.of(image), List.of(), "")) {
      assertThatThrownBy(() -> roots.compose("c1", List.of(image), List.of(), ""))
          .isInstanceOf(SlipwayException.class);
      assertThat(root.root().resolve("a")).hasContent("a");
    }
    assertThatThrownBy(() -> roots.compose("../c1", List.of(image), List.of(), ""))
        .isInstanceOf(SlipwayException.class);
  }

  @Test
  void aLayeredViewShowsWhatAMountWould() throws Exception {
    LayerId image =
        layer("image", Map.of("gone/file", "1", "swapped/old", "1", "opt/py", "->../usr/python3"));
    LayerId python = layer("python", Map.of("usr/python3", "->/usr/python3.12"));
    LayerId changes;
    try (LayerStaging staging = layers.stage()) {
      try (RootFilesystem root = overlay(staging, List.of(python, image))) {
        Trees.delete(root.root().resolve("gone"));
        Trees.delete(root.root().resolve("swapped"));
        Files.createDirectory(root.root().resolve("swapped"));
        Files.writeString(root.root().resolve("usr/python3.12"), "elf");
      }
      changes = staging.commit(new LayerId("changes")).id();
    }

    LayeredView view = new LayeredView(roots.imageLowers(List.of(image, python, changes)));

    assertThat(view.find("/gone/file")).isEmpty();
    assertThat(view.find("/gone")).isEmpty();
    assertThat(view.find("/swapped")).isPresent();
    assertThat(view.find("/swapped/old")).isEmpty();
    assertThat(view.find("/../etc/passwd")).isEmpty();
    assertThat(view.resolve("/opt/py").orElseThrow().path()).isEqualTo("/usr/python3.12");
    assertThat(PythonTag.find(view, "/bin")).isEmpty();
    assertThat(PythonTag.find(view, "/usr:/bin"))
        .contains(new PythonTag("3.12", "/usr/python3.12"));
  }

  private RootFilesystem overlay(LayerStaging staging, List<LayerId> topToBottom)
      throws IOException {
    List<Path> lowers = topToBottom.stream().map(id -> layers.require(id).diff()).toList();
    return OverlayRoots.open(directory, layers.uses()).mount(staging, lowers);
  }

  @Test
  void linksInsideARootNeverLeadOut() throws Exception {
    Path root = Files.createDirectories(directory.resolve("r"));
    Files.createSymbolicLink(root.resolve("out"), Path.of("../../../etc"));
    Files.createSymbolicLink(root.resolve("absolute"), Path.of("/etc"));
    Files.createSymbolicLink(root.resolve("circle"), Path.of("circle"));
    InsideRoot inside = new InsideRoot(root);

    assertThat(inside.resolve("/out/passwd")).isEqualTo(root.resolve("etc/passwd"));
    assertThat(inside.resolve("/absolute/passwd")).isEqualTo(root.resolve("etc/passwd"));
    assertThat(inside.resolve("/../../x")).isEqualTo(root.resolve("x"));
    assertThat(inside.makeDirectories("/out/a/b")).isEqualTo(root.resolve("etc/a/b"));
    assertThat(Files.isDirectory(root.resolve("etc/a/b"), NOFOLLOW_LINKS)).isTrue();
    assertThatThrownBy(() -> inside.resolve("/circle/x")).isInstanceOf(SlipwayException.class);
  }
}
