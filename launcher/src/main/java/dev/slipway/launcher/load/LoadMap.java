package dev.slipway.launcher.load;

import dev.slipway.protocol.modal.FunctionCallType;
import dev.slipway.protocol.modal.FunctionGetOutputsRequest;
import dev.slipway.protocol.modal.FunctionGetOutputsResponse;
import dev.slipway.protocol.modal.FunctionMapRequest;
import dev.slipway.protocol.modal.FunctionPutInputsRequest;
import dev.slipway.protocol.modal.FunctionPutInputsResponseItem;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// One `.map` that goes on until it is stopped: inputs in chunks, at most so many of them without
/// an output, and outputs by long polls that name every input which is still waited for.
public final class LoadMap {
  /// As many inputs as the official client sends at once.
  public static final int CHUNK = 49;

  private static final float POLL_SECONDS = 55;
  private static final int LOOK_AGAIN_MILLIS = 5;

  private final LoadClient client;
  private final String call;
  private final boolean namesInputs;
  private final Semaphore mayPut;
  private final Pace pace;
  private final Tally tally;
  private final ConcurrentHashMap<Integer, Long> putAt = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<Integer, String> tokens = new ConcurrentSkipListMap<>();
  private final Thread putter;
  private final Thread reader;
  private volatile boolean stopped;
  private volatile boolean over;

  private LoadMap(
      LoadClient client,
      String call,
      int outstanding,
      boolean namesInputs,
      Pace pace,
      Tally tally) {
    this.client = client;
    this.call = call;
    this.namesInputs = namesInputs;
    this.mayPut = new Semaphore(outstanding);
    this.pace = pace;
    this.tally = tally;
    this.putter = Thread.ofVirtual().name("put").unstarted(this::put);
    this.reader = Thread.ofVirtual().name("read").unstarted(this::read);
  }

  /// @param outstanding inputs without an output that it has at most
  /// @param namesInputs whether its questions carry the token of every input that it waits for
  public static LoadMap start(
      LoadClient client, int outstanding, boolean namesInputs, Pace pace, Tally tally) {
    String call =
        client
            .stub()
            .functionMap(
                FunctionMapRequest.newBuilder()
                    .setFunctionId(client.function())
                    .setFunctionCallType(FunctionCallType.FUNCTION_CALL_TYPE_MAP)
                    .build())
            .getFunctionCallId();
    LoadMap map = new LoadMap(client, call, outstanding, namesInputs, pace, tally);
    map.putter.start();
    map.reader.start();
    return map;
  }

  private void put() {
    int next = 0;
    try {
      while (!stopped) {
        mayPut.acquire();
        if (stopped) {
          return;
        }
        int size = 1;
        while (size < CHUNK && mayPut.tryAcquire()) {
          size++;
        }
        pace.await(size);
        put(next, size);
        next += size;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void put(int first, int size) {
    FunctionPutInputsRequest.Builder request =
        FunctionPutInputsRequest.newBuilder()
            .setFunctionId(client.function())
            .setFunctionCallId(call);
    long now = System.nanoTime();
    for (int index = first; index < first + size; index++) {
      request.addInputs(LoadClient.input(index));
      putAt.put(index, now);
    }
    for (FunctionPutInputsResponseItem item :
        client.stub().functionPutInputs(request.build()).getInputsList()) {
      if (namesInputs) {
        tokens.put(item.getIdx(), item.getInputJwt());
        // Its output may have come before this answer.
        if (!putAt.containsKey(item.getIdx())) {
          tokens.remove(item.getIdx());
        }
      }
    }
    tally.accepted(size);
  }

  private void read() {
    String cursor = "0-0";
    try {
      while (!over) {
        FunctionGetOutputsRequest.Builder request =
            FunctionGetOutputsRequest.newBuilder()
                .setFunctionCallId(call)
                .setTimeout(POLL_SECONDS)
                .setLastEntryId(cursor);
        if (namesInputs) {
          request.addAllInputJwts(tokens.values());
        }
        FunctionGetOutputsResponse response = client.stub().functionGetOutputs(request.build());
        cursor = response.getLastEntryId();
        long now = System.nanoTime();
        for (int index : response.getIdxsList()) {
          Long since = putAt.remove(index);
          tokens.remove(index);
          if (since != null) {
            tally.finished(now - since);
            mayPut.release();
          }
        }
      }
    } catch (StatusRuntimeException e) {
      if (!over) {
        System.err.println("slipway: a map of the load generator failed: " + e.getStatus());
      }
    }
  }

  /// Puts no more; waits until every output is here, and says so.
  public void finish(Duration atMost) throws InterruptedException {
    stopped = true;
    mayPut.release();
    long end = System.nanoTime() + atMost.toNanos();
    putter.join();
    while (!putAt.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            putAt.size() + " inputs have no output after " + atMost.toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
    }
    // Its last question is for outputs that nobody will make.
    over = true;
    reader.interrupt();
    reader.join();
    client
        .stub()
        .functionGetOutputs(
            FunctionGetOutputsRequest.newBuilder()
                .setFunctionCallId(call)
                .setClearOnSuccess(true)
                .build());
  }
}
