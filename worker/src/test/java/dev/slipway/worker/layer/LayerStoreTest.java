package dev.slipway.worker.layer;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class LayerStoreTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-25T08:00:00Z"), ZoneOffset.UTC);

  @TempDir Path directory;
  private LayerStore store;

  @BeforeEach
  void open() throws IOException {
    store = LayerStore.open(directory, CLOCK);
  }

  @Test
  void aLayerIsInvisibleUntilItIsCommittedAndSurvivesARestart() throws IOException {
    LayerId id = new LayerId("abc");
    try (LayerStaging staging = store.stage()) {
      Files.writeString(staging.diff().resolve("hello"), "12345");
      Files.writeString(staging.directory().resolve("beside.json"), "{}");
      assertThat(store.find(id)).isEmpty();
      staging.commit(id);
    }

    Layer layer = LayerStore.open(directory, CLOCK).require(id);

    assertThat(layer.diff().resolve("hello")).hasContent("12345");
    assertThat(layer.directory().resolve("beside.json")).hasContent("{}");
    assertThat(layer.sizeBytes()).isEqualTo(5);
    assertThat(layer.empty()).isFalse();
    assertThat(layer.madeAt()).isEqualTo(CLOCK.instant());
    assertThat(layer).isEqualTo(store.require(id));
  }

  @Test
  void whatIsNotCommittedLeavesNothing() throws IOException {
    Path left;
    try (LayerStaging staging = store.stage()) {
      left = staging.directory();
      Files.createDirectories(staging.diff().resolve("a/b"));
    }
    assertThat(left).doesNotExist();
    assertThat(store.list()).isEmpty();
  }

  @Test
  void leftoversOfACrashAreDeletedAtTheNextStart() throws IOException {
    Path left = store.stage().directory();
    assertThat(left).exists();
    LayerStore.open(directory, CLOCK);
    assertThat(left).doesNotExist();
  }

  @Test
  void aLayerWithoutChangesIsKnownToBeEmpty() throws IOException {
    try (LayerStaging staging = store.stage()) {
      assertThat(staging.commit(new LayerId("nothing")).empty()).isTrue();
    }
  }

  @Test
  void theFirstOfTwoLayersOfOneIdStays() throws IOException {
    LayerId id = new LayerId("twice");
    try (LayerStaging first = store.stage();
        LayerStaging second = store.stage()) {
      Files.writeString(first.diff().resolve("which"), "first");
      Files.writeString(second.diff().resolve("which"), "second");
      Layer kept = first.commit(id);
      assertThat(second.commit(id)).isEqualTo(kept);
    }
    assertThat(store.require(id).diff().resolve("which")).hasContent("first");
  }

  @Test
  void hardLinksCountOnce() throws IOException {
    try (LayerStaging staging = store.stage()) {
      Path file = Files.writeString(staging.diff().resolve("one"), "123");
      Files.createLink(staging.diff().resolve("two"), file);
      assertThat(staging.commit(new LayerId("links")).sizeBytes()).isEqualTo(3);
    }
  }

  @Test
  void aMissingLayerIsNamed() {
    assertThat(store.hasAll(List.of(new LayerId("gone")))).isFalse();
    assertThatThrownBy(() -> store.require(new LayerId("gone")))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("'gone'");
  }

  @Test
  void aLayerThatNobodyUsesIsRemovedAndCanBeMadeAgain() throws IOException {
    LayerId id = new LayerId("old");
    Layer layer = make(id);

    assertThat(store.removeUnlessUsed(id, CLOCK.instant().plusSeconds(1))).isTrue();

    assertThat(store.find(id)).isEmpty();
    assertThat(layer.directory()).doesNotExist();
    assertThat(store.sizeBytes()).isZero();
    make(id);
    assertThat(store.find(id)).isPresent();
  }

  @Test
  void aLayerThatWasLookedForSinceTheDecisionStays() throws IOException {
    LayerId id = new LayerId("asked-for");
    make(id);
    assertThat(store.removeUnlessUsed(id, CLOCK.instant())).isFalse();
    // Who has not found it does not keep it either.
    assertThat(store.removeUnlessUsed(new LayerId("never-made"), Instant.MAX)).isFalse();
    assertThat(store.find(id)).isPresent();
  }

  @Test
  void aLayerInUseStaysUntilNobodyHoldsIt() throws IOException {
    LayerId id = new LayerId("held");
    Layer layer = make(id);
    Instant later = CLOCK.instant().plusSeconds(1);
    try (Uses.Hold one = store.hold(List.of(id))) {
      Uses.Hold other = store.hold(List.of(id));
      other.close();
      other.close();
      assertThat(store.standing(layer).holders()).isEqualTo(1);
      assertThat(store.removeUnlessUsed(id, later)).isFalse();
    }
    assertThat(store.removeUnlessUsed(id, later)).isTrue();
    assertThatThrownBy(() -> store.hold(List.of(id))).hasMessageContaining("'held'");
  }

  private Layer make(LayerId id) throws IOException {
    try (LayerStaging staging = store.stage()) {
      Files.writeString(staging.diff().resolve("hello"), "12345");
      return staging.commit(id);
    }
  }

  @Test
  void idsCannotLeaveTheStore() {
    for (String bad : List.of("", "..", ".hidden", "a/b", "a\0", "x".repeat(200))) {
      assertThatThrownBy(() -> new LayerId(bad)).isInstanceOf(SlipwayException.class);
    }
  }

  @Test
  void ownersAreShiftedOnceAndKeepTheirSetIdBits() throws IOException {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Path program = Files.writeString(tree.resolve("su"), "");
    Files.setAttribute(program, "unix:gid", 42);
    Files.setAttribute(program, "unix:mode", 04755);
    Files.createSymbolicLink(tree.resolve("link"), Path.of("/nowhere"));

    Ownership.shift(tree);
    Ownership.shift(tree);

    assertThat(Files.getAttribute(program, "unix:uid")).isEqualTo(100_000);
    assertThat(Files.getAttribute(program, "unix:gid")).isEqualTo(100_042);
    assertThat((Integer) Files.getAttribute(program, "unix:mode") & 07777).isEqualTo(04755);
    assertThat(Files.getAttribute(tree.resolve("link"), "unix:uid", NOFOLLOW_LINKS))
        .isEqualTo(100_000);
  }
}
