package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir Path parent;

  @Test
  void itIsMadeWithEverythingAboveItAndOthersCannotLookInside() throws Exception {
    Path wanted = parent.resolve("a/b/data");
    try (DataDirectory data = DataDirectory.take(wanted)) {
      assertThat(data.root()).isEqualTo(wanted);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(wanted)))
          .isEqualTo("rwx--x--x");
    }
  }

  @Test
  void oneServerAtATimeHasItAndTheOtherIsToldWhoThatIs() throws Exception {
    DataDirectory first = DataDirectory.take(parent);
    assertThatThrownBy(() -> DataDirectory.take(parent))
        .isInstanceOfSatisfying(
            StartRefusedException.class,
            refused -> {
              assertThat(refused.status()).isEqualTo(ExitStatus.DATA_IN_USE);
              assertThat(refused)
                  .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
            });
    first.close();
    DataDirectory.take(parent).close();
  }

  @Test
  void aLockFileLeftByADeadProcessIsNoObstacle() throws Exception {
    Files.writeString(parent.resolve("lock"), "123456789\n");
    DataDirectory.take(parent).close();
    assertThat(parent.resolve("lock")).hasContent(ProcessHandle.current().pid() + "\n");
  }

  @Test
  void aFileInItsPlaceIsRefusedWithThePath() throws Exception {
    Path file = Files.writeString(parent.resolve("file"), "not a directory");
    for (Path unusable : new Path[] {file, file.resolve("below"), Path.of("/proc/slipway")}) {
      assertThatThrownBy(() -> DataDirectory.take(unusable))
          .isInstanceOfSatisfying(
              StartRefusedException.class,
              refused -> {
                assertThat(refused.status()).isEqualTo(ExitStatus.DATA_UNUSABLE);
                assertThat(refused).hasMessageContaining(unusable.toString());
              });
    }
  }
}
