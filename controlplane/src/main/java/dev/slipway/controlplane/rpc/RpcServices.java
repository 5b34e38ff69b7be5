package dev.slipway.controlplane.rpc;

import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The collected methods in the form that a gRPC transport serves, and the calls that are under way
/// on it. Every transport (the door, the in-process server of the local worker) gets one of its
/// own, so that each can be drained alone.
///
/// Which threads the transport calls this on does not matter: every call runs on a virtual thread
/// of its own.
public final class RpcServices {
  /// Largest message in either direction. The JavaScript and Go clients have the same limit.
  public static final int MAX_MESSAGE_BYTES = 100 << 20;

  /// How long ordinary calls may take to end by themselves before a drain interrupts the rest,
  /// which are long polls and streams.
  private static final Duration SHORT_CALLS_END = Duration.ofMillis(300);

  private final Methods methods;
  private final Identification identification;
  private final StatusConformance conformance = new StatusConformance();
  private final Set<LiveCall<?, ?>> live = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  public RpcServices(Methods methods, Identification identification) {
    this.methods = methods;
    this.identification = identification;
  }

  /// One definition per gRPC service, holding the methods that were contributed.
  public List<ServerServiceDefinition> definitions() {
    Map<String, ServerServiceDefinition.Builder> services = new LinkedHashMap<>();
    for (Methods.Method<?, ?> method : methods.list()) {
      String service = String.valueOf(method.descriptor().getServiceName());
      services
          .computeIfAbsent(service, ServerServiceDefinition::builder)
          .addMethod(definition(method));
    }
    List<ServerServiceDefinition> definitions = new ArrayList<>();
    for (ServerServiceDefinition.Builder builder : services.values()) {
      definitions.add(ServerInterceptors.intercept(builder.build(), conformance));
    }
    return List.copyOf(definitions);
  }

  /// For transports that look methods up one by one: answers every method that nobody contributed.
  public HandlerRegistry fallback() {
    return new HandlerRegistry() {
      @Override
      public ServerMethodDefinition<?, ?> lookupMethod(
          String methodName, @Nullable String authority) {
        return ServerMethodDefinition.create(
            bytesDescriptor(methodName, MethodType.UNKNOWN),
            (call, headers) -> {
              call.close(unknownMethod(methodName), new Metadata());
              return new io.grpc.ServerCall.Listener<>() {};
            });
      }
    };
  }

  /// What is answered to a method that nobody contributed.
  ///
  /// @param methodName service and method, such as `modal.client.ModalClient/VolumeList`
  public static Status unknownMethod(String methodName) {
    return FailureStatuses.sentence(
        Status.UNIMPLEMENTED, "This Slipway server has no method " + methodName);
  }

  /// Ends all calls: new ones are refused, those under way get a moment to finish, then their
  /// threads are interrupted and they answer that the server is going away. Returns when none is
  /// left, or after the given time.
  ///
  /// @return whether none is left
  public boolean drain(Duration limit) throws InterruptedException {
    draining = true;
    long deadline = System.nanoTime() + limit.toNanos();
    long patience = System.nanoTime() + SHORT_CALLS_END.toNanos();
    for (LiveCall<?, ?> call : live) {
      if (!call.awaitEnd(patience - System.nanoTime())) {
        call.endAsServerGoesAway();
      }
    }
    for (LiveCall<?, ?> call : live) {
      if (!call.awaitEnd(deadline - System.nanoTime())) {
        return false;
      }
    }
    return true;
  }

  /// How many calls are under way.
  public int liveCalls() {
    return live.size();
  }

  /// How many failures were about to leave with a status that none may have. Stays 0.
  public long statusViolations() {
    return conformance.violations();
  }

  boolean isDraining() {
    return draining;
  }

  Identification identification() {
    return identification;
  }

  void started(LiveCall<?, ?> call) {
    live.add(call);
  }

  void ended(LiveCall<?, ?> call) {
    live.remove(call);
  }

  private <Q, R> ServerMethodDefinition<byte[], byte[]> definition(Methods.Method<Q, R> method) {
    ServerCallHandler<byte[], byte[]> start =
        (call, headers) -> new LiveCall<>(this, method, call, headers).begin();
    return ServerMethodDefinition.create(
        bytesDescriptor(method.descriptor().getFullMethodName(), method.descriptor().getType()),
        start);
  }

  private static MethodDescriptor<byte[], byte[]> bytesDescriptor(String name, MethodType type) {
    return MethodDescriptor.newBuilder(Bytes.MARSHALLER, Bytes.MARSHALLER)
        .setFullMethodName(name)
        .setType(type)
        .build();
  }
}
