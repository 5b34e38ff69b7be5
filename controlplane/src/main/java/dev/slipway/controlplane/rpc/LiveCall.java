package dev.slipway.controlplane.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One call, from its headers to its status: joins the transport, which calls back on its own
/// threads, to a handler that blocks on a virtual thread.
final class LiveCall<Q, R> extends ServerCall.Listener<byte[]> implements Replies<R>, Requests<Q> {
  private final RpcServices services;
  private final Methods.Method<Q, R> method;
  private final ServerCall<byte[], byte[]> call;
  private final Metadata headers;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ArrayDeque<byte[]> received = new ArrayDeque<>();
  private boolean callerIsDone;
  private boolean cancelled;
  private boolean serverGoesAway;
  private boolean headersSent;
  private boolean closed;
  private @Nullable Thread handlerThread;

  /// What the reply hands over, until it is known whether the caller got it.
  private Handovers.@Nullable Delivery<R> delivery;

  LiveCall(
      RpcServices services,
      Methods.Method<Q, R> method,
      ServerCall<byte[], byte[]> call,
      Metadata headers) {
    this.services = services;
    this.method = method;
    this.call = call;
    this.headers = headers;
  }

  LiveCall<Q, R> begin() {
    switch (method.handler()) {
      // Two, because a caller that sends a second request must be noticed.
      case Methods.Handler.Unary<Q, R> unary -> call.request(2);
      case Methods.Handler.HandingOver<Q, R> handingOver -> call.request(2);
      case Methods.Handler.Stream<Q, R> stream -> call.request(2);
      // A two-way method talks first if it wants to, and asks for each request.
      case Methods.Handler.Duplex<Q, R> duplex -> startHandler();
    }
    return this;
  }

  // ---- what the transport says

  @Override
  public void onMessage(byte[] message) {
    lock.lock();
    try {
      received.add(message);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onHalfClose() {
    lock.lock();
    try {
      callerIsDone = true;
      changed.signalAll();
      if (handlerThread == null) {
        startHandler();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onReady() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onCancel() {
    lock.lock();
    try {
      cancelled = true;
      changed.signalAll();
      interruptHandler();
      if (closed) {
        settle(false);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void onComplete() {
    settle(true);
  }

  // ---- what the handler does

  @Override
  public void send(R reply) throws InterruptedException {
    byte[] bytes = method.write(reply);
    lock.lockInterruptibly();
    try {
      while (!cancelled && !closed && !call.isReady()) {
        changed.await();
      }
      if (cancelled || closed) {
        throw new CancelledException();
      }
      sendNow(bytes);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isCancelled() {
    lock.lock();
    try {
      return cancelled;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Optional<Q> next() throws InterruptedException, InvalidProtocolBufferException {
    byte[] message;
    lock.lockInterruptibly();
    try {
      if (received.isEmpty() && !callerIsDone) {
        call.request(1);
      }
      while (received.isEmpty() && !callerIsDone && !cancelled) {
        changed.await();
      }
      if (cancelled) {
        throw new CancelledException();
      }
      message = received.poll();
    } finally {
      lock.unlock();
    }
    return message == null ? Optional.empty() : Optional.of(method.parse(message));
  }

  // ---- the handler's thread

  private void startHandler() {
    lock.lock();
    try {
      services.started(this);
      handlerThread =
          Thread.ofVirtual().name(method.descriptor().getFullMethodName()).unstarted(this::run);
      if (cancelled) {
        interruptHandler();
      }
      handlerThread.start();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      if (services.isDraining()) {
        throw goingAway();
      }
      handle();
      close(new FailureStatuses.Failure(Status.OK));
    } catch (CancelledException e) {
      close(new FailureStatuses.Failure(Status.CANCELLED.withDescription("the caller is gone")));
    } catch (Throwable failure) {
      close(statusOf(failure));
    } finally {
      services.ended(this);
      ended.countDown();
    }
  }

  private void handle() throws Exception {
    RpcContext context = services.identification().identify(headers);
    requireAdmission(context.caller());
    switch (method.handler()) {
      case Methods.Handler.Unary<Q, R>(UnaryMethod<Q, R> unary, boolean interruptible) ->
          send(unary.call(context, onlyRequest()));
      case Methods.Handler.HandingOver<Q, R>(
              HandoverMethod<Q, R> handingOver,
              Handovers handovers) ->
          send(handOver(handovers, handingOver, context, onlyRequest()));
      case Methods.Handler.Stream<Q, R>(StreamMethod<Q, R> stream) ->
          stream.call(context, onlyRequest(), this);
      case Methods.Handler.Duplex<Q, R>(DuplexMethod<Q, R> duplex) ->
          duplex.call(context, this, this);
    }
  }

  private R handOver(
      Handovers handovers, HandoverMethod<Q, R> handingOver, RpcContext context, Q request)
      throws Exception {
    Optional<ReplyMemory.Key> key =
        context
            .idempotencyKey()
            .map(value ->
                new ReplyMemory.Key(
                    method.descriptor().getFullMethodName(), context.caller(), value));
    Handovers.Delivery<R> obtained =
        handovers.obtain(key, () -> handingOver.call(context, request));
    lock.lock();
    try {
      delivery = obtained;
    } finally {
      lock.unlock();
    }
    return obtained.reply();
  }

  /// What was handed over has reached the caller, or has not. What follows from it may take its
  /// time, which the transport's threads do not have.
  private void settle(boolean delivered) {
    Handovers.Delivery<R> settled;
    lock.lock();
    try {
      settled = delivery;
      delivery = null;
    } finally {
      lock.unlock();
    }
    if (settled != null) {
      Thread.startVirtualThread(delivered ? settled::delivered : settled::undelivered);
    }
  }

  private void requireAdmission(Caller caller) {
    if (method.audience().admits(caller)) {
      return;
    }
    String name = method.descriptor().getFullMethodName();
    throw switch (caller) {
      case Caller.Anonymous anonymous ->
          new SlipwayException(
              ErrorKind.UNAUTHENTICATED,
              name + " needs a token, and this call carries none; './slipway env' prints one");
      case Caller.Worker worker ->
          new SlipwayException(ErrorKind.DENIED, name + " is not for workers");
      case Caller.Client client ->
          new SlipwayException(ErrorKind.DENIED, name + " is for workers only");
      case Caller.Task task ->
          new SlipwayException(ErrorKind.DENIED, name + " is for workers only");
    };
  }

  private Q onlyRequest() throws InvalidProtocolBufferException {
    byte[] message;
    lock.lock();
    try {
      message = received.poll();
      if (message == null || !received.isEmpty()) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            method.descriptor().getFullMethodName()
                + " takes one request, and this call sent "
                + (message == null ? "none" : "several"));
      }
    } finally {
      lock.unlock();
    }
    return method.parse(message);
  }

  /// An interrupt comes from the caller's going or from the server's; what the interrupted code
  /// makes of it (some wrap it, some lose their connection over it) is no failure of the call.
  private FailureStatuses.Failure statusOf(Throwable failure) {
    lock.lock();
    try {
      if (cancelled) {
        return new FailureStatuses.Failure(Status.CANCELLED.withDescription("the caller is gone"));
      }
      if (serverGoesAway || failure instanceof InterruptedException) {
        return FailureStatuses.of(method.descriptor().getFullMethodName(), goingAway());
      }
    } finally {
      lock.unlock();
    }
    return FailureStatuses.of(method.descriptor().getFullMethodName(), failure);
  }

  private static SlipwayException goingAway() {
    return new SlipwayException(ErrorKind.UNAVAILABLE, "The server is shutting down; try again");
  }

  private void sendNow(byte[] bytes) {
    if (!headersSent) {
      headersSent = true;
      call.sendHeaders(new Metadata());
    }
    call.sendMessage(bytes);
  }

  private void close(FailureStatuses.Failure end) {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      changed.signalAll();
      if (!cancelled) {
        if (end.status().isOk() && !headersSent) {
          headersSent = true;
          call.sendHeaders(new Metadata());
        }
        call.close(end.status(), end.trailers());
      }
      if (cancelled || !end.status().isOk()) {
        settle(false);
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- ending from outside

  /// Interrupts the handler, which then answers that the server is going away.
  void endAsServerGoesAway() {
    lock.lock();
    try {
      serverGoesAway = true;
      interruptHandler();
    } finally {
      lock.unlock();
    }
  }

  boolean awaitEnd(long nanos) throws InterruptedException {
    return ended.await(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  private void interruptHandler() {
    boolean interruptible =
        switch (method.handler()) {
          case Methods.Handler.Unary<Q, R> unary -> unary.interruptible();
          case Methods.Handler.HandingOver<Q, R> handingOver -> true;
          case Methods.Handler.Stream<Q, R> stream -> true;
          case Methods.Handler.Duplex<Q, R> duplex -> true;
        };
    if (handlerThread != null && interruptible) {
      handlerThread.interrupt();
    }
  }
}
