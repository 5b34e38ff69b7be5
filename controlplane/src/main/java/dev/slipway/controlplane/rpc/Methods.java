package dev.slipway.controlplane.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The methods that this installation has an answer for, collected from every feature. Each method
/// is contributed once, by one feature.
///
/// Methods are open to clients and containers; [#openTo(Audience)] gives a view that contributes
/// for somebody else.
public final class Methods {
  private final Map<String, Method<?, ?>> byName;
  private final ReplyMemory memory;
  private final Handovers handovers;
  private final Audience audience;

  public Methods() {
    this(
        new LinkedHashMap<>(),
        ReplyMemory.inProduction(),
        Handovers.inProduction(),
        Audience.IDENTIFIED);
  }

  private Methods(
      Map<String, Method<?, ?>> byName,
      ReplyMemory memory,
      Handovers handovers,
      Audience audience) {
    this.byName = byName;
    this.memory = memory;
    this.handovers = handovers;
    this.audience = audience;
  }

  /// Collects what the given features contribute.
  public static Methods of(List<? extends RpcModule> modules) {
    Methods methods = new Methods();
    modules.forEach(module -> module.contribute(methods));
    return methods;
  }

  /// The same methods, to contribute further ones for the given audience.
  public Methods openTo(Audience audience) {
    return new Methods(byName, memory, handovers, audience);
  }

  /// One request, one reply.
  public <Q, R> Methods unary(MethodDescriptor<Q, R> descriptor, UnaryMethod<Q, R> method) {
    requireType(descriptor, MethodType.UNARY);
    return add(descriptor, new Handler.Unary<>(method, true));
  }

  /// One request, one reply, carried out once: the reply is remembered for some minutes by the
  /// caller's idempotency key, and a repeated attempt gets it again (or waits for it while the
  /// first attempt is under way). Failures are not remembered.
  ///
  /// The handler is not interrupted when the caller cancels: it runs to its end, so that the next
  /// attempt finds its reply.
  public <Q, R> Methods once(MethodDescriptor<Q, R> descriptor, UnaryMethod<Q, R> method) {
    requireType(descriptor, MethodType.UNARY);
    String name = descriptor.getFullMethodName();
    return add(
        descriptor,
        new Handler.Unary<>(
            (context, request) ->
                context.idempotencyKey().isEmpty()
                    ? method.call(context, request)
                    : memory.once(
                        new ReplyMemory.Key(name, context.caller(), context.idempotencyKey().get()),
                        () -> method.call(context, request)),
            false));
  }

  /// One request, one reply that hands something over: it is got once, or given back. See
  /// [Handovers].
  public <Q, R> Methods handover(MethodDescriptor<Q, R> descriptor, HandoverMethod<Q, R> method) {
    requireType(descriptor, MethodType.UNARY);
    return add(descriptor, new Handler.HandingOver<>(method, handovers));
  }

  /// One request, many replies.
  public <Q, R> Methods stream(MethodDescriptor<Q, R> descriptor, StreamMethod<Q, R> method) {
    requireType(descriptor, MethodType.SERVER_STREAMING);
    return add(descriptor, new Handler.Stream<>(method));
  }

  /// Many requests, many replies.
  public <Q, R> Methods duplex(MethodDescriptor<Q, R> descriptor, DuplexMethod<Q, R> method) {
    requireType(descriptor, MethodType.BIDI_STREAMING);
    return add(descriptor, new Handler.Duplex<>(method));
  }

  /// How many replies that hand something over are on their way, or are still to be made.
  public int handoversUnderWay() {
    return handovers.underWay();
  }

  List<Method<?, ?>> list() {
    return List.copyOf(byName.values());
  }

  private <Q, R> Methods add(MethodDescriptor<Q, R> descriptor, Handler<Q, R> handler) {
    String name = descriptor.getFullMethodName();
    if (byName.putIfAbsent(name, new Method<>(descriptor, audience, handler)) != null) {
      throw new IllegalStateException(name + " is contributed twice");
    }
    return this;
  }

  private static void requireType(MethodDescriptor<?, ?> descriptor, MethodType expected) {
    if (descriptor.getType() != expected) {
      throw new IllegalStateException(
          descriptor.getFullMethodName()
              + " is "
              + descriptor.getType()
              + " and was contributed as "
              + expected);
    }
  }

  /// One contributed method.
  record Method<Q, R>(MethodDescriptor<Q, R> descriptor, Audience audience, Handler<Q, R> handler) {

    /// The request in these bytes.
    Q parse(byte[] bytes) throws InvalidProtocolBufferException {
      if (bytes.length > RpcServices.MAX_MESSAGE_BYTES) {
        throw TooLarge.refusal(tooLarge("request"));
      }
      PrototypeMarshaller<Q> marshaller =
          (PrototypeMarshaller<Q>) descriptor.getRequestMarshaller();
      MessageLite prototype =
          (MessageLite) Objects.requireNonNull(marshaller.getMessagePrototype());
      @SuppressWarnings("unchecked") // the parser of a Q's prototype makes Qs
      Q request = (Q) prototype.getParserForType().parseFrom(bytes);
      return request;
    }

    /// The bytes of this reply.
    byte[] write(R reply) {
      byte[] bytes = ((MessageLite) reply).toByteArray();
      if (bytes.length > RpcServices.MAX_MESSAGE_BYTES) {
        throw new SlipwayException(ErrorKind.EXHAUSTED, tooLarge("reply"));
      }
      return bytes;
    }

    private String tooLarge(String what) {
      return "The %s of %s is larger than the %d bytes that one message may have"
          .formatted(what, descriptor.getFullMethodName(), RpcServices.MAX_MESSAGE_BYTES);
    }
  }

  /// What answers a method, by the shape of its conversation.
  sealed interface Handler<Q, R> {
    record Unary<Q, R>(UnaryMethod<Q, R> method, boolean interruptible) implements Handler<Q, R> {}

    record HandingOver<Q, R>(HandoverMethod<Q, R> method, Handovers handovers)
        implements Handler<Q, R> {}

    record Stream<Q, R>(StreamMethod<Q, R> method) implements Handler<Q, R> {}

    record Duplex<Q, R>(DuplexMethod<Q, R> method) implements Handler<Q, R> {}
  }
}
