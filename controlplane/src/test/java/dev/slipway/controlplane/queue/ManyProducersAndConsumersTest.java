package dev.slipway.controlplane.queue;

import static dev.slipway.controlplane.object.ObjectFixture.OURS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.storage.DatabaseFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Every item reaches one consumer, in the order of its partition, whoever leaves meanwhile.
@Tag("integration")
@Timeout(120)
class ManyProducersAndConsumersTest {
  private static final int PARTITIONS = 3;
  private static final int PRODUCERS = 8;
  private static final int ITEMS_OF_EACH = 150;
  private static final int CONSUMERS_OF_EACH = 8;

  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private final QueueFixture fixture = new QueueFixture(FIXTURE.database());
  private final AtomicInteger left = new AtomicInteger(PARTITIONS * PRODUCERS * ITEMS_OF_EACH);

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void everyItemIsGotOnce() throws Exception {
    Map<String, Integer> got = new ConcurrentHashMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> working = new ArrayList<>();
      for (int partition = 0; partition < PARTITIONS; partition++) {
        String key = "p" + partition;
        for (int consumer = 0; consumer < CONSUMERS_OF_EACH; consumer++) {
          working.add(threads.submit(() -> consume(key, got)));
        }
        for (int producer = 0; producer < PRODUCERS; producer++) {
          String name = key + "/" + producer + "/";
          working.add(threads.submit(() -> produce(key, name)));
        }
      }
      for (Future<?> one : working) {
        one.get();
      }
    }
    assertThat(got).hasSize(PARTITIONS * PRODUCERS * ITEMS_OF_EACH);
    assertThat(got.values()).containsOnly(1);
    assertThat(fixture.count("queue_item")).isZero();
    assertThat(fixture.queues().linesInUse()).isZero();
  }

  @Test
  void oneConsumerSeesTheItemsOfEachProducerInTheirOrder() throws Exception {
    List<String> got = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int producer = 0; producer < PRODUCERS; producer++) {
        String name = producer + "/";
        threads.submit(() -> produce("p", name));
      }
      while (got.size() < PRODUCERS * ITEMS_OF_EACH) {
        got.addAll(fixture.get("p", 7, QueueFixture.LONG));
      }
    }
    Map<String, List<Integer>> byProducer =
        got.stream()
            .collect(
                Collectors.groupingBy(
                    item -> item.split("/")[0],
                    Collectors.mapping(
                        item -> Integer.valueOf(item.split("/")[1]), Collectors.toList())));
    assertThat(byProducer).hasSize(PRODUCERS);
    assertThat(byProducer.values()).allSatisfy(numbers -> assertThat(numbers).isSorted());
  }

  private Void produce(String partition, String name) {
    for (int n = 0; n < ITEMS_OF_EACH; n++) {
      fixture.putInto(partition, name + n);
    }
    return null;
  }

  /// Takes items; now and then it goes away while it waits, or cannot be given what it got.
  private Void consume(String partition, Map<String, Integer> got) throws Exception {
    while (left.get() > 0) {
      int wanted = ThreadLocalRandom.current().nextInt(1, 4);
      switch (ThreadLocalRandom.current().nextInt(10)) {
        case 0 -> leave(() -> fixture.get(partition, wanted, Duration.ofMillis(50)), got);
        case 1 ->
            fixture
                .queues()
                .putBack(
                    fixture.partition(partition),
                    fixture
                        .queues()
                        .get(
                            OURS.workspace(),
                            fixture.partition(partition),
                            wanted,
                            Duration.ZERO,
                            Optional.empty()));
        default -> note(fixture.get(partition, wanted, Duration.ofMillis(50)), got);
      }
    }
    return null;
  }

  private void leave(Callable<List<String>> get, Map<String, Integer> got) throws Exception {
    Thread waiting =
        Thread.startVirtualThread(() -> {
          try {
            note(get.call(), got);
          } catch (InterruptedException e) {
            // That is what leaving is.
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    Thread.sleep(ThreadLocalRandom.current().nextInt(20));
    waiting.interrupt();
    waiting.join();
  }

  private void note(List<String> items, Map<String, Integer> got) {
    items.forEach(item -> got.merge(item, 1, Integer::sum));
    left.addAndGet(-items.size());
  }
}
