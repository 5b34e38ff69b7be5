package dev.slipway.worker.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OutputPumpTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);

  private final BlockingQueue<String> handedOn = new LinkedBlockingQueue<>();
  private final PipedOutputStream container = new PipedOutputStream();

  @AfterEach
  void end() throws IOException {
    container.close();
  }

  @Test
  void linesAreHandedOnWholeAndTheRestAtTheEnd() throws Exception {
    Thread pump = start(FOR_EVER);
    // Together or one by one, as the reader happens to find them.
    for (String piece : new String[] {"work", "ing", "\n", "no ", "end"}) {
      write(piece);
    }
    assertThat(next()).isEqualTo("working\n");
    container.close();
    assertThat(next()).isEqualTo("no end");
    pump.join();
    assertThat(handedOn).isEmpty();
  }

  @Test
  void whatHasNoEndIsHandedOnAllTheSame() throws Exception {
    Thread pump = start(Duration.ofMillis(1));
    write("really?");
    assertThat(next()).isEqualTo("really?");
    write("and now?");
    assertThat(next()).isEqualTo("and now?");
    container.close();
    pump.join();
    assertThat(handedOn).isEmpty();
  }

  private Thread start(Duration patience) throws IOException {
    OutputPump pump =
        new OutputPump(
            OutputStreamKind.STDOUT,
            new PipedInputStream(container),
            (stream, timestamp, text) -> handedOn.add(text),
            Clock.systemUTC(),
            patience);
    return Thread.ofPlatform().start(pump);
  }

  private void write(String text) throws IOException {
    container.write(text.getBytes(StandardCharsets.UTF_8));
    container.flush();
  }

  private String next() throws InterruptedException {
    return String.valueOf(handedOn.poll(30, TimeUnit.SECONDS));
  }
}
