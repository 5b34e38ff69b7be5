package dev.slipway.controlplane.queue;

import static dev.slipway.controlplane.object.ObjectFixture.OURS;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.controlplane.object.ObjectFixture;
import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.storage.Database;
import dev.slipway.controlplane.storage.SharedTransactions;
import dev.slipway.model.QueueId;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// A queue of ours in a database, with a server's memory that can be lost.
final class QueueFixture implements AutoCloseable {
  static final Duration LONG = Duration.ofSeconds(50);
  static final Duration TTL = Duration.ofHours(1);

  private final Database database;
  private final ObjectFixture objects;
  private final QueueId queue;
  private SharedTransactions transactions;
  private Queues queues;

  QueueFixture(Database database) {
    this.database = database;
    this.objects = new ObjectFixture(database.jdbi());
    this.queue = new QueueId(objects.make(ObjectKind.QUEUE, "q"));
    this.transactions = new SharedTransactions(database, "queue-transactions");
    this.queues = open(objects.objects());
  }

  private Queues open(SharedObjects shared) {
    Queues opened =
        new Queues(shared, new QueueStore(database.jdbi()), transactions, objects.clock());
    opened.takeUp();
    return opened;
  }

  /// What a server finds that starts on the same database.
  void restart() {
    transactions.close();
    transactions = new SharedTransactions(database, "queue-transactions");
    queues = open(objects.reopened(database.jdbi()));
  }

  Queues queues() {
    return queues;
  }

  ObjectFixture objects() {
    return objects;
  }

  QueueId queue() {
    return queue;
  }

  Partition partition(String key) {
    return new Partition(queue, key.getBytes(UTF_8));
  }

  void put(String... values) {
    putInto("", values);
  }

  void putInto(String partition, String... values) {
    putAs(null, partition, values);
  }

  void putAs(@Nullable String idempotencyKey, String partition, String... values) {
    queues.put(
        OURS.workspace(),
        partition(partition),
        Arrays.stream(values).map(value -> value.getBytes(UTF_8)).toList(),
        TTL,
        Optional.ofNullable(idempotencyKey));
  }

  List<String> get(int atMost) throws InterruptedException {
    return get("", atMost, Duration.ZERO);
  }

  List<String> get(String partition, int atMost, Duration wait) throws InterruptedException {
    List<Item> items =
        queues.get(OURS.workspace(), partition(partition), atMost, wait, Optional.empty());
    queues.arrived(partition(partition), items);
    return texts(items);
  }

  /// A get whose answer has not arrived yet.
  List<Item> getAs(String idempotencyKey, int atMost) throws InterruptedException {
    return queues.get(
        OURS.workspace(), partition(""), atMost, Duration.ZERO, Optional.of(idempotencyKey));
  }

  /// Takes items off the front as a get does, which the server does not live to give to anybody.
  void takeAndDie(int atMost) {
    transactions.run(handle ->
        new QueueStore(database.jdbi())
            .take(handle, partition(""), atMost, objects.clock().instant()));
    restart();
  }

  FutureTask<List<String>> startGet(String partition, int atMost) {
    FutureTask<List<String>> task = new FutureTask<>(() -> get(partition, atMost, LONG));
    Thread.startVirtualThread(task);
    return task;
  }

  List<Item> next(String partition, long behind, Duration wait) throws InterruptedException {
    return queues.next(OURS.workspace(), partition(partition), behind, wait);
  }

  int length(String partition) {
    return queues.length(OURS.workspace(), partition(partition));
  }

  static List<String> texts(List<Item> items) {
    return items.stream().map(item -> new String(item.value(), UTF_8)).toList();
  }

  /// Waits until somebody waits at so many partitions.
  void awaitLines(int count) throws InterruptedException {
    while (queues.linesInUse() != count) {
      Thread.sleep(10);
    }
  }

  int count(String table) {
    return database
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select count(*) from " + table).mapTo(Integer.class).one());
  }

  @Override
  public void close() {
    transactions.close();
  }
}
