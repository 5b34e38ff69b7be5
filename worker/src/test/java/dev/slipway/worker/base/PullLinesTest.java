package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PullLinesTest {
  @Test
  void aLogThatTakesNothingHoldsNoPullUpAndHearsHowMuchItMissed() throws Exception {
    PullLines lines = new PullLines(() -> 0);
    Digest layer = Digest.sha256(new byte[0]);
    for (int i = 0; i < PullLines.MOST_LINES + 7; i++) {
      lines.downloaded(layer, 5, 5);
    }
    lines.end();

    List<String> heard = new ArrayList<>();
    for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
      heard.add(line.get());
    }

    assertThat(heard).hasSize(PullLines.MOST_LINES + 1).endsWith("  (7 more lines were left out)");
    assertThat(heard.getFirst()).isEqualTo("  downloaded e3b0c44298fc…, 5 bytes");
  }

  @Test
  void howFarALayerIsIsNotSaidWithEveryStep() throws Exception {
    AtomicLong now = new AtomicLong();
    PullLines lines = new PullLines(now::get);
    Digest layer = Digest.sha256(new byte[0]);
    lines.downloaded(layer, 1, 5);
    now.addAndGet(PullLines.SAY_EVERY.toNanos());
    lines.downloaded(layer, 2, 5);
    lines.downloaded(layer, 3, 5);
    lines.downloaded(layer, 5, 5);
    lines.end();

    assertThat(lines.next()).contains("  downloading e3b0c44298fc…, 2 of 5 bytes");
    assertThat(lines.next()).contains("  downloaded e3b0c44298fc…, 5 bytes");
    assertThat(lines.next()).isEmpty();
  }
}
