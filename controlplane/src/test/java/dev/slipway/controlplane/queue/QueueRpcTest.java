package dev.slipway.controlplane.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.controlplane.object.ObjectDoor;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.protocol.modal.ListPagination;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import dev.slipway.protocol.modal.ObjectCreationType;
import dev.slipway.protocol.modal.QueueClearRequest;
import dev.slipway.protocol.modal.QueueDeleteRequest;
import dev.slipway.protocol.modal.QueueGetByIdRequest;
import dev.slipway.protocol.modal.QueueGetOrCreateRequest;
import dev.slipway.protocol.modal.QueueGetOrCreateResponse;
import dev.slipway.protocol.modal.QueueGetRequest;
import dev.slipway.protocol.modal.QueueGetResponse;
import dev.slipway.protocol.modal.QueueHeartbeatRequest;
import dev.slipway.protocol.modal.QueueItem;
import dev.slipway.protocol.modal.QueueLenRequest;
import dev.slipway.protocol.modal.QueueListRequest;
import dev.slipway.protocol.modal.QueueListResponse;
import dev.slipway.protocol.modal.QueueListResponse.QueueInfo;
import dev.slipway.protocol.modal.QueueNextItemsRequest;
import dev.slipway.protocol.modal.QueuePutRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Queues as a client meets them, over gRPC: what leaves, and what happens when it does not arrive.
@Tag("integration")
@Timeout(60)
class QueueRpcTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private final QueueFixture fixture = new QueueFixture(FIXTURE.database());
  private final ObjectDoor door =
      new ObjectDoor(
          FIXTURE.database().jdbi(),
          fixture.objects(),
          translation -> new QueueRpc(fixture.queues(), fixture.objects().objects(), translation));

  @AfterEach
  void close() {
    door.close();
    fixture.close();
  }

  @Test
  void isMadeFoundListedAndDeleted() {
    ModalClientBlockingStub ann = client("ak-ann", "1");
    QueueGetOrCreateResponse made = ann.queueGetOrCreate(named("orders"));
    assertThat(made.getMetadata().getName()).isEqualTo("orders");
    assertThat(made.getMetadata().getCreationInfo().getCreatedBy()).isEqualTo("ann");
    assertThat(client("ak-ann", "2").queueGetOrCreate(named("orders"))).isEqualTo(made);
    assertThat(
            ann.queueGetById(QueueGetByIdRequest.newBuilder().setQueueId(made.getQueueId()).build())
                .getMetadata())
        .isEqualTo(made.getMetadata());
    put(ann, made.getQueueId(), "", "1", "2");
    put(client("ak-ann", "3"), made.getQueueId(), "red", "r");

    QueueListResponse list =
        ann.queueList(QueueListRequest.newBuilder().setTotalSizeLimit(2).build());
    assertThat(list.getEnvironmentName()).isEqualTo("main");
    QueueInfo info = list.getQueues(0);
    assertThat(info.getQueueId()).isEqualTo(made.getQueueId());
    assertThat(info.getNumPartitions()).isEqualTo(2);
    assertThat(info.getTotalSize()).as("cut to the limit").isEqualTo(2);
    assertThat(info.getCreatedAt()).isEqualTo(made.getMetadata().getCreationInfo().getCreatedAt());
    assertThat(length(ann, made.getQueueId(), true)).isEqualTo(3);

    client("ak-ann", "4")
        .queueDelete(QueueDeleteRequest.newBuilder().setQueueId(made.getQueueId()).build());
    assertThat(ann.queueList(QueueListRequest.getDefaultInstance()).getQueuesList()).isEmpty();
    assertStatus("NOT_FOUND", made.getQueueId(), () -> length(ann, made.getQueueId(), true));
  }

  @Test
  void isListedPageByPageByTheTimesThatTheListItselfSays() {
    ModalClientBlockingStub ann = client("ak-ann", "1");
    for (int n = 0; n < 5; n++) {
      client("ak-ann", "make " + n).queueGetOrCreate(named("q" + n));
      fixture.objects().pass(Duration.ofNanos(1_000));
    }
    List<String> names = new ArrayList<>();
    double before = 0;
    QueueListResponse page;
    do {
      page =
          ann.queueList(
              QueueListRequest.newBuilder()
                  .setPagination(
                      ListPagination.newBuilder().setMaxObjects(2).setCreatedBefore(before))
                  .build());
      for (QueueInfo info : page.getQueuesList()) {
        names.add(info.getName());
        before = info.getMetadata().getCreationInfo().getCreatedAt();
      }
    } while (page.getQueuesCount() == 2);
    assertThat(names).containsExactly("q4", "q3", "q2", "q1", "q0");
  }

  @Test
  void aGetThatIsCancelledTakesNothing() throws Exception {
    List<Future<QueueGetResponse>> left = new ArrayList<>();
    for (int n = 0; n < 20; n++) {
      left.add(startGet("ak-ours", "left " + n));
    }
    fixture.awaitLines(1);
    Future<QueueGetResponse> stays = startGet("ak-ours", "stays");
    for (Future<QueueGetResponse> one : left) {
      one.cancel(true);
    }
    fixture.put("only one");
    assertThat(stays.get().getValuesList()).containsExactly(ByteString.copyFromUtf8("only one"));
    assertThat(fixture.length("")).isZero();
  }

  @Test
  void anItemThatIsOnItsWayOutOfTheDatabaseWhenItsGetIsCancelledIsNotLost() throws Exception {
    fixture.put("1", "2");
    try (Handle locking = FIXTURE.database().jdbi().open()) {
      locking.begin();
      locking.execute("update queue_partition set items = items");
      Future<QueueGetResponse> get = startGet("ak-ours", "cancelled");
      awaitTrue(locking, "select exists(select 1 from pg_locks where not granted)");
      get.cancel(true);
      while (door.methods().handoversUnderWay() > 0) {
        Thread.sleep(10);
      }
      locking.commit();
      // The first item was taken out and written again.
      awaitTrue(locking, "select count(*) = 2 and count(distinct xmin::text) = 2 from queue_item");
    }
    assertThat(fixture.get(Queues.MAX_ITEMS)).containsExactly("1", "2");
  }

  private static void awaitTrue(Handle handle, String question) throws InterruptedException {
    while (!handle.createQuery(question).mapTo(Boolean.class).one()) {
      Thread.sleep(10);
    }
  }

  @Test
  void aGetThatIsTriedAgainGetsTheSameItems() {
    fixture.put("1", "2");
    QueueGetResponse first = get("ak-ours", "key", 1);
    assertThat(get("ak-ours", "key", 1)).isEqualTo(first);
    assertThat(get("ak-ours", "another key", 1).getValues(0).toStringUtf8()).isEqualTo("2");
  }

  @Test
  void aPutThatIsTriedAgainAddsOnceAndOneThatWasRefusedIsTriedInEarnest() throws Exception {
    String queue = fixture.queue().value();
    fixture.put(IntStream.range(0, Queues.MAX_ITEMS).mapToObj(n -> "x").toArray(String[]::new));
    assertStatus("RESOURCE_EXHAUSTED", "5000", () -> put(client("ak-ours", "key"), queue, "", "a"));
    fixture.get(10);
    put(client("ak-ours", "key"), queue, "", "a");
    put(client("ak-ours", "key"), queue, "", "a");
    assertThat(fixture.length("")).isEqualTo(Queues.MAX_ITEMS - 9);
  }

  @Test
  void looksAtItemsInOrder() {
    fixture.put("1", "2", "3");
    ModalClientBlockingStub ours = client("ak-ours", "1");
    QueueNextItemsRequest.Builder request =
        QueueNextItemsRequest.newBuilder().setQueueId(fixture.queue().value());
    List<QueueItem> items = ours.queueNextItems(request.build()).getItemsList();
    assertThat(items)
        .extracting(item -> item.getValue().toStringUtf8())
        .containsExactly("1", "2", "3");
    assertThat(
            ours.queueNextItems(request.setLastEntryId(items.get(1).getEntryId()).build())
                .getItemsList())
        .containsExactly(items.get(2));
    assertStatus(
        "INVALID_ARGUMENT",
        "'first'",
        () -> ours.queueNextItems(request.setLastEntryId("first").build()));
  }

  @ParameterizedTest
  @CsvSource({
    "qu-0000000000000000000000, NOT_FOUND, qu-0000000000000000000000",
    "di-0000000000000000000000, INVALID_ARGUMENT, qu-…",
    "../../etc, INVALID_ARGUMENT, ../../etc",
    "'', INVALID_ARGUMENT, qu-…"
  })
  void refusesIdsOfNoQueue(String id, String code, String part) {
    ModalClientBlockingStub ours = client("ak-ours", "1");
    assertStatus(code, part, () -> length(ours, id, false));
    assertStatus(code, part, () -> put(ours, id, "", "1"));
    assertStatus(
        code,
        part,
        () -> ours.queueGet(QueueGetRequest.newBuilder().setQueueId(id).setNValues(1).build()));
    assertStatus(
        code,
        part,
        () -> ours.queueHeartbeat(QueueHeartbeatRequest.newBuilder().setQueueId(id).build()));
  }

  @Test
  void refusesWhatNoClientWouldSay() {
    ModalClientBlockingStub ours = client("ak-ours", "1");
    String queue = fixture.queue().value();
    assertStatus(
        "INVALID_ARGUMENT",
        "timeout is no number",
        () ->
            ours.queueGet(
                QueueGetRequest.newBuilder()
                    .setQueueId(queue)
                    .setNValues(1)
                    .setTimeout(Float.NaN)
                    .build()));
    assertStatus(
        "INVALID_ARGUMENT",
        "both are asked for",
        () ->
            ours.queueClear(
                QueueClearRequest.newBuilder()
                    .setQueueId(queue)
                    .setAllPartitions(true)
                    .setPartitionKey(ByteString.copyFromUtf8("red"))
                    .build()));
    assertStatus(
        "INVALID_ARGUMENT",
        "OVERWRITE",
        () ->
            client("ak-ann", "1")
                .queueGetOrCreate(
                    named("q").toBuilder()
                        .setObjectCreationType(
                            ObjectCreationType.OBJECT_CREATION_TYPE_CREATE_OVERWRITE_IF_EXISTS)
                        .build()));
    assertStatus(
        "NOT_FOUND",
        "'nowhere'",
        () ->
            client("ak-ann", "2")
                .queueGetOrCreate(named("q").toBuilder().setEnvironmentName("nowhere").build()));
    // What is left of a client's time may be a little less than nothing.
    assertThat(
            ours.queueGet(
                    QueueGetRequest.newBuilder()
                        .setQueueId(queue)
                        .setNValues(1)
                        .setTimeout(-0.01f)
                        .build())
                .getValuesCount())
        .isZero();
  }

  @Test
  void idsWorkInTheirOwnWorkspaceOnly() {
    fixture.put("secret");
    assertStatus("NOT_FOUND", fixture.queue().value(), () -> get("ak-theirs", "key", 1));
    assertStatus(
        "NOT_FOUND",
        fixture.queue().value(),
        () ->
            client("ak-theirs", "2")
                .queueDelete(
                    QueueDeleteRequest.newBuilder().setQueueId(fixture.queue().value()).build()));
    assertThat(fixture.length("")).isEqualTo(1);
  }

  private Future<QueueGetResponse> startGet(String token, String key) {
    return door.futureClient(token, key)
        .queueGet(
            QueueGetRequest.newBuilder()
                .setQueueId(fixture.queue().value())
                .setNValues(1)
                .setTimeout(50)
                .build());
  }

  private QueueGetResponse get(String token, String key, int count) {
    return client(token, key)
        .queueGet(
            QueueGetRequest.newBuilder()
                .setQueueId(fixture.queue().value())
                .setNValues(count)
                .build());
  }

  private static void put(
      ModalClientBlockingStub client, String queue, String partition, String... values) {
    QueuePutRequest.Builder request =
        QueuePutRequest.newBuilder()
            .setQueueId(queue)
            .setPartitionKey(ByteString.copyFromUtf8(partition));
    for (String value : values) {
      request.addValues(ByteString.copyFromUtf8(value));
    }
    var ignored = client.queuePut(request.build());
  }

  private static int length(ModalClientBlockingStub client, String queue, boolean total) {
    return client
        .queueLen(QueueLenRequest.newBuilder().setQueueId(queue).setTotal(total).build())
        .getLen();
  }

  private static QueueGetOrCreateRequest named(String name) {
    return QueueGetOrCreateRequest.newBuilder()
        .setDeploymentName(name)
        .setObjectCreationType(ObjectCreationType.OBJECT_CREATION_TYPE_CREATE_IF_MISSING)
        .build();
  }

  private ModalClientBlockingStub client(String token, String key) {
    return door.client(token, key);
  }

  private static void assertStatus(String code, String part, Runnable call) {
    assertThatThrownBy(call::run).hasMessageContaining(code).hasMessageContaining(part);
  }
}
