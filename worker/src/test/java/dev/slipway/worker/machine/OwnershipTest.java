package dev.slipway.worker.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnershipTest {
  @TempDir Path directory;

  @Test
  void usersBeyondTheNearOnesAreWhereNoHostHasAny() {
    assertThat(Ownership.find(0)).hasValue(100_000);
    assertThat(Ownership.find(65_535)).hasValue(165_535);
    assertThat(Integer.toUnsignedLong(Ownership.find(65_536).orElseThrow()))
        .isEqualTo((1L << 31) + 65_536);
    assertThat(Integer.toUnsignedLong(Ownership.find(Ownership.LAST_FAR).orElseThrow()))
        .isEqualTo((1L << 32) - 3);
    assertThat(Ownership.find(Ownership.LAST_FAR + 1L)).isEmpty();
    assertThat(Ownership.find(-1)).isEmpty();
    for (int id : new int[] {0, 65_535, 65_536, 1_001_210_000, Ownership.LAST_FAR}) {
      assertThat(Ownership.inside(Ownership.find(id).orElseThrow())).isEqualTo(id);
    }
    assertThat(Ownership.inside(33)).isZero();
  }

  @Test
  void whatNoContainerHasIsRefusedWithTheLastThatItHas() {
    assertThatThrownBy(() -> Ownership.require(3_000_000_000L))
        .isInstanceOf(SlipwayException.class)
        .hasMessage(
            "the user or group 3000000000 is beyond the last one of a container, 2147483645");
  }

  @Test
  @Tag("integration")
  void aShiftThatIsRepeatedLeavesFarOwnersAlone() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    Ownership.give(file, 1_001_210_000, 65_536);

    Ownership.shift(directory);

    assertThat(Files.readAttributes(file, "unix:uid,gid"))
        .containsEntry("uid", Integer.MIN_VALUE + 1_001_210_000)
        .containsEntry("gid", Integer.MIN_VALUE + 65_536);
  }

  @Test
  void aMapHasWhatOneOfItsLinesHas() throws IOException {
    Path map = directory.resolve("uid_map");
    Files.writeString(map, "         0     100000      65536\n     70000 2147549184 10\nodd\n");

    assertThat(IdMap.read(map).has(0, 65_535)).isTrue();
    assertThat(IdMap.read(map).has(70_000, 70_009)).isTrue();
    assertThat(IdMap.read(map).has(65_535, 65_536)).isFalse();
    assertThat(IdMap.read(map).has(70_000, 70_010)).isFalse();
    assertThat(IdMap.read(directory.resolve("none")).has(0, 0)).isFalse();
  }
}
