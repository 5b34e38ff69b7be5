package dev.slipway.worker.agent;

import dev.slipway.protocol.worker.FleetGrpc;
import dev.slipway.protocol.worker.LogBatch;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.LogReceipt;
import dev.slipway.protocol.worker.ServerHello;
import dev.slipway.protocol.worker.ServerMessage;
import dev.slipway.protocol.worker.TaskExited;
import dev.slipway.protocol.worker.WorkerHello;
import dev.slipway.protocol.worker.WorkerMessage;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A control plane of one worker, which the test plays itself.
final class FakeFleet extends FleetGrpc.FleetImplBase implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 20;

  final BlockingQueue<WorkerHello> hellos = new LinkedBlockingQueue<>();
  final BlockingQueue<WorkerMessage> reports = new LinkedBlockingQueue<>();
  private final List<LogEntry> kept = new ArrayList<>();
  private final Server server;
  private @Nullable StreamObserver<ServerMessage> line;
  private @Nullable ServerCallStreamObserver<LogReceipt> receipts;
  private boolean takesLogs = true;

  FakeFleet() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(this)
            .build()
            .start();
  }

  int port() {
    return server.getPort();
  }

  @Override
  public StreamObserver<WorkerMessage> attach(StreamObserver<ServerMessage> answers) {
    synchronized (this) {
      line = answers;
    }
    answers.onNext(
        ServerMessage.newBuilder()
            .setHello(ServerHello.newBuilder().setServerVersion("test"))
            .build());
    return new StreamObserver<>() {
      @Override
      public void onNext(WorkerMessage message) {
        if (message.hasHello()) {
          hellos.add(message.getHello());
        } else {
          reports.add(message);
        }
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  @Override
  public StreamObserver<LogBatch> sendLogs(StreamObserver<LogReceipt> answers) {
    ServerCallStreamObserver<LogReceipt> call = (ServerCallStreamObserver<LogReceipt>) answers;
    call.disableAutoRequest();
    synchronized (this) {
      receipts = call;
      if (takesLogs) {
        call.request(1);
      }
    }
    return new StreamObserver<>() {
      @Override
      public void onNext(LogBatch batch) {
        synchronized (FakeFleet.this) {
          kept.addAll(batch.getEntriesList());
          FakeFleet.this.notifyAll();
          if (takesLogs) {
            call.request(1);
          }
        }
        answers.onNext(LogReceipt.newBuilder().setSequence(batch.getSequence()).build());
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  synchronized void send(ServerMessage message) {
    if (line == null) {
      throw new AssertionError("no worker is attached");
    }
    line.onNext(message);
  }

  /// Breaks the line, as a control plane that goes down does.
  synchronized void hangUp() {
    if (line != null) {
      line.onError(Status.UNAVAILABLE.withDescription("going down").asRuntimeException());
      line = null;
    }
  }

  synchronized void takeLogs(boolean takes) {
    takesLogs = takes;
    if (takes && receipts != null) {
      receipts.request(1);
    }
  }

  synchronized String text() {
    StringBuilder text = new StringBuilder();
    kept.forEach(entry -> text.append(entry.getData()));
    return text.toString();
  }

  synchronized void awaitText(String expected) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!text().contains(expected)) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError(expected + " was not said, but: " + text());
      }
      wait(left);
    }
  }

  WorkerHello nextHello() throws InterruptedException {
    WorkerHello hello = hellos.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (hello == null) {
      throw new AssertionError("no worker came");
    }
    return hello;
  }

  WorkerMessage nextReport() throws InterruptedException {
    WorkerMessage report = reports.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (report == null) {
      throw new AssertionError("the worker reported nothing; its containers said: " + text());
    }
    return report;
  }

  /// The next end of a task; starts before it are passed over.
  TaskExited nextExit() throws InterruptedException {
    WorkerMessage report = nextReport();
    while (!report.hasTaskExited()) {
      report = nextReport();
    }
    return report.getTaskExited();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
