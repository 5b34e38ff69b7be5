package dev.slipway.controlplane.queue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.object.ObjectTranslation;
import dev.slipway.controlplane.object.Owner;
import dev.slipway.controlplane.object.SharedObject;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.rpc.Handover;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.QueueId;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.QueueClearRequest;
import dev.slipway.protocol.modal.QueueDeleteRequest;
import dev.slipway.protocol.modal.QueueGetByIdRequest;
import dev.slipway.protocol.modal.QueueGetByIdResponse;
import dev.slipway.protocol.modal.QueueGetOrCreateRequest;
import dev.slipway.protocol.modal.QueueGetOrCreateResponse;
import dev.slipway.protocol.modal.QueueGetRequest;
import dev.slipway.protocol.modal.QueueGetResponse;
import dev.slipway.protocol.modal.QueueHeartbeatRequest;
import dev.slipway.protocol.modal.QueueItem;
import dev.slipway.protocol.modal.QueueLenRequest;
import dev.slipway.protocol.modal.QueueLenResponse;
import dev.slipway.protocol.modal.QueueListRequest;
import dev.slipway.protocol.modal.QueueListResponse;
import dev.slipway.protocol.modal.QueueMetadata;
import dev.slipway.protocol.modal.QueueNextItemsRequest;
import dev.slipway.protocol.modal.QueueNextItemsResponse;
import dev.slipway.protocol.modal.QueuePutRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The edge of queues.
public final class QueueRpc implements RpcModule {
  private final Queues queues;
  private final SharedObjects objects;
  private final ObjectTranslation translation;

  public QueueRpc(Queues queues, SharedObjects objects, ObjectTranslation translation) {
    this.queues = queues;
    this.objects = objects;
    this.translation = translation;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .once(ModalClientGrpc.getQueueGetOrCreateMethod(), this::getOrCreate)
        .unary(ModalClientGrpc.getQueueGetByIdMethod(), this::getById)
        .handover(ModalClientGrpc.getQueueGetMethod(), this::get)
        // Remembers itself what is done, over a restart too: the clients may try again for ever.
        .unary(ModalClientGrpc.getQueuePutMethod(), this::put)
        .unary(ModalClientGrpc.getQueueNextItemsMethod(), this::next)
        .unary(ModalClientGrpc.getQueueLenMethod(), this::length)
        .once(ModalClientGrpc.getQueueClearMethod(), this::clear)
        .once(ModalClientGrpc.getQueueDeleteMethod(), this::delete)
        .unary(ModalClientGrpc.getQueueListMethod(), this::list)
        .unary(ModalClientGrpc.getQueueHeartbeatMethod(), this::heartbeat);
  }

  private QueueGetOrCreateResponse getOrCreate(
      RpcContext context, QueueGetOrCreateRequest request) {
    SharedObject queue =
        objects
            .obtain(
                translation.owner(context, request.getEnvironmentName()),
                ObjectKind.QUEUE,
                request.getDeploymentName(),
                ObjectTranslation.creation(ObjectKind.QUEUE, request.getObjectCreationType()))
            .object();
    return QueueGetOrCreateResponse.newBuilder()
        .setQueueId(queue.id())
        .setMetadata(metadata(queue))
        .build();
  }

  private QueueGetByIdResponse getById(RpcContext context, QueueGetByIdRequest request) {
    QueueId id = new QueueId(request.getQueueId());
    SharedObject queue = objects.require(context.workspace(), ObjectKind.QUEUE, id.value());
    return QueueGetByIdResponse.newBuilder()
        .setQueueId(queue.id())
        .setMetadata(metadata(queue))
        .build();
  }

  private Handover<QueueGetResponse> get(RpcContext context, QueueGetRequest request)
      throws InterruptedException {
    Partition partition = partition(request.getQueueId(), request.getPartitionKey());
    List<Item> items =
        queues.get(
            context.workspace(),
            partition,
            request.getNValues(),
            wait("timeout", request.getTimeout()),
            context.idempotencyKey());
    QueueGetResponse.Builder response = QueueGetResponse.newBuilder();
    items.forEach(item -> response.addValues(ByteString.copyFrom(item.value())));
    return new Handover<>(
        response.build(),
        () -> queues.arrived(partition, items),
        () -> queues.putBack(partition, items));
  }

  private Empty put(RpcContext context, QueuePutRequest request) {
    int ttl = request.getPartitionTtlSeconds();
    queues.put(
        context.workspace(),
        partition(request.getQueueId(), request.getPartitionKey()),
        request.getValuesList().stream().map(ByteString::toByteArray).toList(),
        ttl == 0 ? Queues.DEFAULT_TTL : Duration.ofSeconds(ttl),
        context.idempotencyKey());
    return Empty.getDefaultInstance();
  }

  private QueueNextItemsResponse next(RpcContext context, QueueNextItemsRequest request)
      throws InterruptedException {
    List<Item> items =
        queues.next(
            context.workspace(),
            partition(request.getQueueId(), request.getPartitionKey()),
            position(request.getLastEntryId()),
            wait("item_poll_timeout", request.getItemPollTimeout()));
    QueueNextItemsResponse.Builder response = QueueNextItemsResponse.newBuilder();
    for (Item item : items) {
      response.addItems(
          QueueItem.newBuilder()
              .setValue(ByteString.copyFrom(item.value()))
              .setEntryId(Long.toString(item.position())));
    }
    return response.build();
  }

  private QueueLenResponse length(RpcContext context, QueueLenRequest request) {
    requireOneOrAll(request.getTotal(), request.getPartitionKey());
    Partition partition = partition(request.getQueueId(), request.getPartitionKey());
    long length =
        request.getTotal()
            ? queues.size(context.workspace(), partition.queue()).items()
            : queues.length(context.workspace(), partition);
    return QueueLenResponse.newBuilder().setLen(Math.toIntExact(length)).build();
  }

  private Empty clear(RpcContext context, QueueClearRequest request) {
    requireOneOrAll(request.getAllPartitions(), request.getPartitionKey());
    Partition partition = partition(request.getQueueId(), request.getPartitionKey());
    if (request.getAllPartitions()) {
      queues.clear(context.workspace(), partition.queue());
    } else {
      queues.clear(context.workspace(), partition);
    }
    return Empty.getDefaultInstance();
  }

  private Empty delete(RpcContext context, QueueDeleteRequest request) {
    queues.delete(context.workspace(), new QueueId(request.getQueueId()));
    return Empty.getDefaultInstance();
  }

  private QueueListResponse list(RpcContext context, QueueListRequest request) {
    Owner owner = translation.owner(context, request.getEnvironmentName());
    List<SharedObject> found =
        objects.list(
            owner.environment(),
            ObjectKind.QUEUE,
            ObjectTranslation.before(request.getPagination()),
            ObjectTranslation.atMost(request.getPagination()));
    Map<QueueId, QueueSize> sizes =
        queues.sizes(found.stream().map(queue -> new QueueId(queue.id())).toList());
    int limit = request.getTotalSizeLimit() > 0 ? request.getTotalSizeLimit() : Integer.MAX_VALUE;
    QueueListResponse.Builder response =
        QueueListResponse.newBuilder().setEnvironmentName(owner.environmentName());
    for (SharedObject queue : found) {
      QueueSize size = sizes.getOrDefault(new QueueId(queue.id()), QueueSize.EMPTY);
      response.addQueues(
          QueueListResponse.QueueInfo.newBuilder()
              .setQueueId(queue.id())
              .setName(queue.name().orElse(""))
              .setCreatedAt(ObjectTranslation.seconds(queue.createdAt()))
              .setNumPartitions(size.partitions())
              .setTotalSize((int) Math.min(limit, size.items()))
              .setMetadata(metadata(queue)));
    }
    return response.build();
  }

  private Empty heartbeat(RpcContext context, QueueHeartbeatRequest request) {
    QueueId id = new QueueId(request.getQueueId());
    objects.heartbeat(context.workspace(), ObjectKind.QUEUE, id.value());
    return Empty.getDefaultInstance();
  }

  private static QueueMetadata metadata(SharedObject queue) {
    return QueueMetadata.newBuilder()
        .setName(queue.name().orElse(""))
        .setCreationInfo(ObjectTranslation.creationInfo(queue))
        .build();
  }

  private static Partition partition(String queue, ByteString key) {
    return new Partition(new QueueId(queue), key.toByteArray());
  }

  private static void requireOneOrAll(boolean all, ByteString partition) {
    if (all && !partition.isEmpty()) {
      throw new SlipwayException(
          ErrorKind.INVALID, "either one partition or all are expected, and both are asked for");
    }
  }

  /// The clients compute what is left of their time, which may turn out a little below zero.
  private static Duration wait(String what, float seconds) {
    if (Float.isNaN(seconds)) {
      throw new SlipwayException(
          ErrorKind.INVALID, what + " is no number; a number of seconds is expected");
    }
    return Duration.ofNanos(
        (long) (Math.clamp(seconds, 0f, (float) Queues.MAX_WAIT.toSeconds()) * 1e9));
  }

  private static long position(String entryId) {
    if (entryId.isEmpty()) {
      return Long.MIN_VALUE;
    }
    try {
      return Long.parseLong(entryId);
    } catch (NumberFormatException e) {
      String shown = Shown.atMost(entryId, 40);
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'" + shown + "' is no entry of a queue; see entry_id of its items",
          e);
    }
  }
}
