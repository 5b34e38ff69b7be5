package dev.slipway.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeaksTest {
  @TempDir Path data;

  @Test
  void aProcessThatNamesTheDataDirectoryIsFoundUntilItEnds() {
    Leaks leaks = Leaks.watch(data);
    assertThat(leaks.found().processes()).isEmpty();
    try (ChildProcess process =
        ChildProcess.start(
            List.of("tail", "-f", "/dev/null", data.toString()),
            data,
            Map.of("PATH", "/usr/bin:/bin"))) {
      assertThat(leaks.found().processes()).anySatisfy(one -> assertThat(one).contains("tail -f"));
      assertThatThrownBy(() -> leaks.assertNothingLeft(Duration.ofMillis(300)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("tail -f /dev/null " + data);
      process.close();
      process.awaitExit(Duration.ofSeconds(20));
    }
    assertThat(leaks.found().processes()).isEmpty();
  }

  @Test
  void whatWasThereBeforeTheWatchDoesNotCount() {
    try (ChildProcess process =
        ChildProcess.start(
            List.of("tail", "-f", "/dev/null", data.toString()),
            data,
            Map.of("PATH", "/usr/bin:/bin"))) {
      process.transcript().find("nothing");
      Leaks leaks = Leaks.watch(data);
      assertThat(leaks.found().processes()).isEmpty();
    }
  }
}
