package dev.slipway.controlplane.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What generators yield, on its way to those who read it.
@Tag("integration")
@Timeout(60)
class DataChannelsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private CallFixture server;
  private DataChannels channels;
  private CallId call;

  @BeforeEach
  void open() {
    server = CallFixture.open(FIXTURE.database());
    channels = server.system.channels();
    call = server.spawn(server.function());
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aReaderGetsWhatIsThereAndWhatComes() throws Exception {
    LinkedBlockingQueue<String> read = new LinkedBlockingQueue<>();
    put(1, "first");
    Thread reader = reading(chunk -> read.add(new String(chunk, StandardCharsets.UTF_8)));
    put(2, "second");
    put(2, "second, once more");
    put(3, "third");

    for (String expected : List.of("first", "second", "third")) {
      assertThat(read.poll(20, TimeUnit.SECONDS)).isEqualTo(expected);
    }
    reader.interrupt();
    reader.join();
    assertThat(read).isEmpty();
  }

  @Test
  void aFailureWaitsUntilItsReaderWasSentWhatCameBefore() throws Exception {
    // So long that it does not end by itself while the test looks, also on a slow machine.
    channels =
        new DataChannels(
            new CallStore(FIXTURE.database().jdbi()), server.commits, Duration.ofMinutes(5));
    CountDownLatch sending = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread reader =
        reading(chunk -> {
          sending.countDown();
          release.await();
        });
    put(1, "first");
    sending.await();

    CompletableFuture<Void> failure = CompletableFuture.runAsync(this::awaitReaders);
    // Nothing can be waited for that does not happen: a moment in which it would have.
    Thread.sleep(100);
    assertThat(failure.isDone()).isFalse();
    release.countDown();
    failure.get(20, TimeUnit.SECONDS);

    reader.interrupt();
    reader.join();
  }

  @Test
  void aFailureDoesNotWaitForAReaderThatIsStuckOrGone() throws Exception {
    Thread stuck = reading(chunk -> Thread.sleep(60_000));
    put(1, "first");
    channels.awaitReaders(call);
    stuck.interrupt();
    stuck.join();
    channels.awaitReaders(call);
  }

  private void awaitReaders() {
    try {
      channels.awaitReaders(call);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void put(int index, String text) {
    channels.put(
        call, List.of(new DataChannels.Chunk(index, text.getBytes(StandardCharsets.UTF_8))));
  }

  private Thread reading(DataChannels.Sink sink) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            channels.read(call, 0, sink);
          } catch (InterruptedException e) {
            // The test has seen enough.
            Thread.currentThread().interrupt();
          }
        });
  }
}
