package dev.slipway.worker.relay;

import com.google.protobuf.ByteString;
import io.grpc.Status;

/// The container's end of a lane: questions that are open, and the way to answer them.
interface LaneAnswers {
  /// Whether the container still waits for an answer.
  boolean isOpen(int id);

  /// Answers a question, once; one that is not open any more is left alone.
  void answer(int id, Status status, ByteString message);
}
