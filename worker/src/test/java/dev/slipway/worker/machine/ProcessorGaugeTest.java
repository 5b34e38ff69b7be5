package dev.slipway.worker.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.worker.machine.ProcessorGauge.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorGaugeTest {
  private static Reading reading(int user, int nice, int idle) {
    return Reading.parse("cpu  %d %d 0 %d 0 0 0 0 7 0".formatted(user, nice, idle)).orElseThrow();
  }

  @Test
  void isSaturatedWhenNextToNothingIsLeftAndStaysSoUntilMuchIs() {
    Reading start = reading(100, 0, 100);
    assertThat(reading(149, 0, 101).saturatedSince(start, false)).isTrue();
    assertThat(reading(140, 0, 110).saturatedSince(start, false)).isFalse();
    assertThat(reading(140, 0, 110).saturatedSince(start, true)).isTrue();
    assertThat(reading(130, 0, 120).saturatedSince(start, true)).isFalse();
  }

  @Test
  void whatYieldsCountsAsFree() {
    assertThat(reading(110, 40, 100).saturatedSince(reading(100, 0, 100), false)).isFalse();
  }

  @Test
  void twoReadingsWithinATickSayNothing() {
    assertThat(reading(1, 1, 1).saturatedSince(reading(1, 1, 1), false)).isFalse();
  }

  @Test
  void otherLinesAreNoReadings() {
    assertThat(Reading.parse("cpu0 1 2 3 4 5 6 7 8 9 10")).isEmpty();
    assertThat(Reading.parse("cpu 1 2")).isEmpty();
  }

  @Test
  void tellsOnlyChanges(@TempDir Path directory) throws Exception {
    Path statistics = directory.resolve("stat");
    Files.writeString(statistics, "cpu  0 0 0 0 0 0 0 0 0 0\n");
    LinkedBlockingQueue<Boolean> told = new LinkedBlockingQueue<>();
    try (ProcessorGauge gauge = new ProcessorGauge(statistics, () -> true, told::add)) {
      for (int user = 100; told.isEmpty() && user < 100_000; user += 100) {
        Files.writeString(statistics, "cpu  %d 0 0 0 0 0 0 0 0 0\n".formatted(user));
        Thread.sleep(20);
      }
      assertThat(told.poll(20, TimeUnit.SECONDS)).isTrue();
      // The file stands still from here on.
      assertThat(told.poll(20, TimeUnit.SECONDS)).isFalse();
    }
  }
}
