package dev.slipway.controlplane.fleet;

import dev.slipway.controlplane.retention.Holding;
import dev.slipway.controlplane.retention.Inventory;
import dev.slipway.controlplane.retention.Storehouses;
import dev.slipway.controlplane.task.Machines;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.Holdings;
import dev.slipway.protocol.worker.ListHoldings;
import dev.slipway.protocol.worker.RemoveHoldings;
import dev.slipway.protocol.worker.ServerMessage;
import dev.slipway.protocol.worker.WorkerMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/// What the attached workers keep of layers and mounts.
public final class FleetStorage implements Storehouses {
  /// How long a worker has to answer: it may have much to delete.
  static final Duration PATIENCE = Duration.ofMinutes(5);

  private final Fleet fleet;
  private final AtomicLong requests = new AtomicLong();
  private final ConcurrentHashMap<Long, CompletableFuture<WorkerMessage>> asked =
      new ConcurrentHashMap<>();

  public FleetStorage(Fleet fleet) {
    this.fleet = fleet;
  }

  @Override
  public List<String> listWorkers() {
    return fleet.list().stream().map(Machines.Machine::workerId).toList();
  }

  @Override
  public Inventory ask(String worker) throws InterruptedException {
    long request = requests.incrementAndGet();
    Holdings holdings =
        answer(
                worker,
                request,
                ServerMessage.newBuilder()
                    .setListHoldings(ListHoldings.newBuilder().setRequestId(request))
                    .build())
            .getHoldings();
    List<Holding> found = new ArrayList<>();
    holdings.getLayersList().forEach(one -> found.add(holding(Holding.Kind.LAYER, one)));
    holdings.getMountsList().forEach(one -> found.add(holding(Holding.Kind.MOUNT, one)));
    return new Inventory(Instant.ofEpochMilli(holdings.getAtMs()), found);
  }

  private static Holding holding(Holding.Kind kind, dev.slipway.protocol.worker.Holding message) {
    return new Holding(
        kind,
        message.getId(),
        message.getSizeBytes(),
        Instant.ofEpochMilli(message.getLastUsedMs()),
        message.getUsers());
  }

  @Override
  public List<String> remove(String worker, Instant unlessUsedSince, List<Holding> holdings)
      throws InterruptedException {
    long request = requests.incrementAndGet();
    RemoveHoldings.Builder order =
        RemoveHoldings.newBuilder()
            .setRequestId(request)
            .setUnlessUsedSinceMs(unlessUsedSince.toEpochMilli());
    for (Holding holding : holdings) {
      switch (holding.kind()) {
        case LAYER -> order.addLayerIds(holding.id());
        case MOUNT -> order.addMountIds(holding.id());
      }
    }
    return answer(worker, request, ServerMessage.newBuilder().setRemoveHoldings(order).build())
        .getHoldingsRemoved()
        .getIdsList();
  }

  private WorkerMessage answer(String worker, long request, ServerMessage question)
      throws InterruptedException {
    CompletableFuture<WorkerMessage> answer = new CompletableFuture<>();
    asked.put(request, answer);
    try {
      fleet.require(worker).line().ask(question);
      return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the worker '%s' did not say within %d s what it keeps"
              .formatted(worker, PATIENCE.toSeconds()),
          e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("answers are only ever completed with a value", e);
    } finally {
      asked.remove(request);
    }
  }

  /// A worker answered.
  void answered(long request, WorkerMessage message) {
    CompletableFuture<WorkerMessage> waiting = asked.get(request);
    if (waiting != null) {
      waiting.complete(message);
    }
  }
}
