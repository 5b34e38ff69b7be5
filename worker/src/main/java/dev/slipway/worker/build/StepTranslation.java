package dev.slipway.worker.build;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.RunMount;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.worker.CommandStep;
import dev.slipway.protocol.worker.CopyStep;
import dev.slipway.protocol.worker.MountAccess;
import java.util.List;
import java.util.Optional;

/// Steps in the words of the worker protocol.
final class StepTranslation {
  private final int stages;

  private StepTranslation(int stages) {
    this.stages = stages;
  }

  /// @param stages how many stages the steps may refer to
  static List<RecipeStep> steps(List<dev.slipway.protocol.worker.BuildStep> steps, int stages) {
    StepTranslation reader = new StepTranslation(stages);
    return steps.stream()
        .map(step -> new RecipeStep(step.getNumber(), step.getSource(), reader.step(step)))
        .toList();
  }

  /// The place of a stage that is there.
  static int requireStage(int stage, int stages) {
    if (stage < 0 || stage >= stages) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the build refers to stage %d, of %d before it".formatted(stage, stages));
    }
    return stage;
  }

  private BuildStep step(dev.slipway.protocol.worker.BuildStep step) {
    return switch (step.getStepCase()) {
      case RUN ->
          new BuildStep.Run(
              step.getRun().getArgumentsList(),
              step.getRun().getShellForm(),
              step.getRun().getMountsList().stream().map(this::mount).toList(),
              !step.getRun().getOffline());
      case COPY -> copy(step.getCopy());
      case ENVIRONMENT -> new BuildStep.Environment(step.getEnvironment().getVariablesMap());
      case ARGUMENTS -> new BuildStep.Arguments(step.getArguments().getVariablesMap());
      case WORKING_DIRECTORY ->
          new BuildStep.WorkingDirectory(step.getWorkingDirectory().getPath());
      case COMMAND -> {
        CommandStep command = step.getCommand();
        yield new BuildStep.Command(command.getArgumentsList(), command.getShellForm());
      }
      case ENTRYPOINT -> {
        CommandStep command = step.getEntrypoint();
        yield new BuildStep.Entrypoint(command.getArgumentsList(), command.getShellForm());
      }
      case SHELL -> new BuildStep.Shell(step.getShell().getArgumentsList());
      case USER -> new BuildStep.User(step.getUser().getUser());
      case NOTE -> new BuildStep.Note(step.getNote());
      case STEP_NOT_SET ->
          throw new SlipwayException(
              ErrorKind.INVALID,
              "step %d (%s) is of a kind that this worker does not know"
                  .formatted(step.getNumber(), step.getSource()));
    };
  }

  private BuildStep copy(CopyStep copy) {
    return new BuildStep.Copy(
        copy.hasStage() ? Optional.of(requireStage(copy.getStage(), stages)) : Optional.empty(),
        copy.getMountId().isEmpty()
            ? Optional.empty()
            : Optional.of(new MountId(copy.getMountId())),
        copy.getSourcesList(),
        copy.getTextsList().stream()
            .map(text -> new BuildStep.TextFile(text.getName(), text.getText()))
            .toList(),
        copy.getDestination(),
        copy.getOwner(),
        copy.getMode(),
        copy.getUnpack() ? BuildStep.Unpack.ALL : BuildStep.Unpack.NONE);
  }

  private RunMount mount(dev.slipway.protocol.worker.RunMount mount) {
    String target = mount.getTarget();
    return switch (mount.getKindCase()) {
      case BIND ->
          new RunMount.Bind(
              mount.getBind().hasStage()
                  ? Optional.of(requireStage(mount.getBind().getStage(), stages))
                  : Optional.empty(),
              mount.getBind().getSource(),
              target,
              mount.getBind().getWritable());
      case CACHE ->
          new RunMount.Cache(
              mount.getCache().getId(),
              target,
              mount.getCache().getExclusive(),
              access(mount.getCache().getAccess()),
              mount.getCache().getReadOnly());
      case SECRET ->
          new RunMount.Secret(
              mount.getSecret().getId(),
              target,
              mount.getSecret().getVariable(),
              mount.getSecret().getRequired(),
              access(mount.getSecret().getAccess()));
      case TEMPORARY -> new RunMount.Temporary(target, 0);
      case MEMORY_BYTES -> new RunMount.Temporary(target, mount.getMemoryBytes());
      case SCRIPT -> new RunMount.Script(target, mount.getScript());
      case WRITTEN ->
          new RunMount.Written(
              mount.getWritten().getLine(),
              mount.getWritten().getText(),
              mount.getWritten().getOptionsMap());
      case KIND_NOT_SET ->
          throw new SlipwayException(
              ErrorKind.INVALID, "a mount at '" + target + "' is of a kind unknown to this worker");
    };
  }

  private static RunMount.Access access(MountAccess access) {
    return new RunMount.Access(access.getUid(), access.getGid(), access.getMode());
  }
}
