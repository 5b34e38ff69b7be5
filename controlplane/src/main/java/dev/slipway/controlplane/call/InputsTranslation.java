package dev.slipway.controlplane.call;

import dev.slipway.protocol.modal.FunctionGetInputsItem;
import dev.slipway.protocol.modal.FunctionGetInputsResponse;
import dev.slipway.protocol.worker.AttemptReference;
import dev.slipway.protocol.worker.InputsAnswer;
import dev.slipway.protocol.worker.TakeInputsResponse;
import java.util.List;

/// From what a container gets to the messages that tell it.
final class InputsTranslation {
  private InputsTranslation() {}

  /// One message with everything, as a container's own question is answered.
  static FunctionGetInputsResponse together(Attempts.Taken taken) {
    return taken.leave() ? leave() : message(taken.inputs());
  }

  /// As many messages as the container will ask for.
  ///
  /// @param batched the container takes several inputs at once
  static TakeInputsResponse apart(Attempts.Taken taken, boolean batched) {
    TakeInputsResponse.Builder response = TakeInputsResponse.newBuilder();
    if (batched || taken.leave() || taken.inputs().isEmpty()) {
      return response.addAnswers(answer(together(taken), taken.inputs())).build();
    }
    for (Assignment assignment : taken.inputs()) {
      List<Assignment> one = List.of(assignment);
      response.addAnswers(answer(message(one), one));
    }
    return response.build();
  }

  private static InputsAnswer answer(
      FunctionGetInputsResponse message, List<Assignment> assignments) {
    InputsAnswer.Builder answer = InputsAnswer.newBuilder().setAnswer(message.toByteString());
    for (Assignment assignment : assignments) {
      answer.addAttempts(
          AttemptReference.newBuilder()
              .setInputId(assignment.input().value())
              .setAttempt(assignment.attempt()));
    }
    return answer.build();
  }

  private static FunctionGetInputsResponse message(List<Assignment> assignments) {
    FunctionGetInputsResponse.Builder message = FunctionGetInputsResponse.newBuilder();
    assignments.forEach(each -> message.addInputs(CallTranslation.assignment(each)));
    return message.build();
  }

  private static FunctionGetInputsResponse leave() {
    return FunctionGetInputsResponse.newBuilder()
        .addInputs(FunctionGetInputsItem.newBuilder().setKillSwitch(true))
        .build();
  }
}
