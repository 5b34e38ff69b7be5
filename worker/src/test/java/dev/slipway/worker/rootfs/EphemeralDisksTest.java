package dev.slipway.worker.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.slipway.model.SlipwayException;
import dev.slipway.worker.kernel.MountTable;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Root file systems with a disk of their own. Needs root.
@Tag("integration")
@Timeout(60)
class EphemeralDisksTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private LayerStore layers;
  private OverlayRoots overlays;
  private RootFilesystems roots;
  private LayerId image;

  @BeforeEach
  void open() throws IOException {
    layers = LayerStore.open(directory, Clock.systemUTC());
    overlays = OverlayRoots.open(directory, layers.uses());
    FakeRuntime runtime = new FakeRuntime((_, _) -> 0);
    roots =
        new RootFilesystems(
            overlays,
            layers,
            MountTrees.open(directory, new FakeContentSource(), layers.uses()),
            new BytecodeLayers(layers, overlays, runtime));
    try (LayerStaging staging = layers.stage()) {
      Files.writeString(staging.diff().resolve("a"), "of the image");
      Ownership.shift(staging.diff());
      image = staging.commit(new LayerId("image")).id();
    }
  }

  @AfterEach
  void nothingStays() throws IOException {
    overlays.close();
    assertThat(MountTable.listBelow(directory)).isEmpty();
    await().untilAsserted(() -> assertThat(loopDevices()).isEmpty());
  }

  private RootFilesystem compose(String id, int mib) throws IOException, InterruptedException {
    return roots.compose(id, mib, List.of(image), List.of(), "");
  }

  /// Files in our directory that are disks now.
  private List<String> loopDevices() throws IOException {
    try (Stream<Path> devices = Files.list(Path.of("/sys/block"))) {
      return devices
          .map(device -> device.resolve("loop/backing_file"))
          .filter(Files::exists)
          .map(EphemeralDisksTest::read)
          .filter(file -> file.startsWith(directory.toString()))
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException gone) {
      return "";
    }
  }

  /// Writes until nothing more can be written.
  private static long fill(Path file) throws IOException {
    byte[] piece = new byte[MIB];
    long written = 0;
    try (OutputStream out = Files.newOutputStream(file)) {
      while (written < 1L << 30) {
        out.write(piece);
        written += piece.length;
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left on device");
      return written;
    }
    throw new AssertionError("a gigabyte was written");
  }

  @Test
  void asMuchCanBeWrittenAsWasAskedForAndLittleMore() throws Exception {
    for (int mib : List.of(16, 64, 300)) {
      try (RootFilesystem root = compose("c1", mib);
          RootFilesystem other = compose("c2", 16)) {
        assertThat(fill(root.root().resolve("big")) / MIB)
            .isBetween((long) mib, mib + mib / 16L + 24);
        assertThat(root.root().resolve("a")).hasContent("of the image");
        Files.writeString(other.root().resolve("small"), "others go on");
        assertThat(other.root().resolve("small")).hasContent("others go on");
      }
    }
    assertThat(directory.resolve("disks")).isEmptyDirectory();
  }

  @Test
  void whatAKilledWorkerLeftIsTakenAwayAtTheNextStart() throws Exception {
    assertThat(compose("lost", 16).root().resolve("a")).exists();
    assertThat(loopDevices()).hasSize(1);

    overlays = OverlayRoots.open(directory, layers.uses());

    assertThat(MountTable.listBelow(directory)).isEmpty();
    assertThat(directory.resolve("disks")).doesNotExist();
    await().untilAsserted(() -> assertThat(loopDevices()).isEmpty());
  }

  @Test
  void aProcessInAnotherMountNamespaceDoesNotKeepADiskAlive() throws Exception {
    RootFilesystem root = compose("c1", 16);
    Process other =
        new ProcessBuilder("unshare", "-m", "--propagation", "slave", "sh", "-c", "echo up; cat")
            .start();
    try {
      assertThat(other.inputReader().readLine()).isEqualTo("up");
      root.close();
      await().untilAsserted(() -> assertThat(loopDevices()).isEmpty());
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void moreThanTheMachineHasIsRefusedAndLeavesNothing() {
    assertThatThrownBy(() -> compose("huge", 3 << 20))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("no room for the 3145728 MiB");
    assertThat(directory.resolve("disks")).isEmptyDirectory();
  }

  @Test
  void aMachineSaysHowMuchItHas() throws Exception {
    long free = Files.getFileStore(directory).getUsableSpace() / MIB;
    long said = EphemeralDisks.capacityMib(directory);
    assertThat(said).isPositive().isLessThan(free);
  }
}
