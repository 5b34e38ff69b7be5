package dev.slipway.launcher.load;

import com.google.protobuf.Empty;
import dev.slipway.protocol.modal.FunctionGetInputsRequest;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;

/// Containers that call the server straight through its door, without a worker's relay in between.
///
/// @param channel to the server, with the credentials of a worker
public record ContainersAtDoor(Channel channel) implements Containers {
  private static final Metadata.Key<String> TASK =
      Metadata.Key.of("slipway-task-id", Metadata.ASCII_STRING_MARSHALLER);

  @Override
  public Container open(String task) {
    Metadata headers = LoadClient.runner();
    headers.put(TASK, task);
    ModalClientBlockingStub stub =
        ModalClientGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    return new Container() {
      @Override
      public void hello() {
        var _ = stub.containerHello(Empty.getDefaultInstance());
      }

      @Override
      public FunctionGetInputsResponse getInputs() {
        return stub.functionGetInputs(FunctionGetInputsRequest.getDefaultInstance());
      }

      @Override
      public void putOutputs(FunctionPutOutputsRequest outputs) {
        var _ = stub.functionPutOutputs(outputs);
      }

      @Override
      public void close() {}
    };
  }
}
