package dev.slipway.launcher.load;

import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.modal.FunctionPutOutputsRequest;

/// How containers that are none reach the platform.
@FunctionalInterface
public interface Containers {
  /// The way of one of them.
  Container open(String task);

  /// What one says to the platform. Calls fail with a [io.grpc.StatusRuntimeException].
  interface Container extends AutoCloseable {
    /// Says that it is there.
    void hello();

    /// Waits for inputs, or for being told to end.
    FunctionGetInputsResponse getInputs();

    /// Gives what became of them.
    void putOutputs(FunctionPutOutputsRequest outputs);

    @Override
    void close();
  }
}
