package dev.slipway.controlplane.fleet;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.RunMount;
import dev.slipway.protocol.worker.BindMount;
import dev.slipway.protocol.worker.BuildStep;
import dev.slipway.protocol.worker.CacheMount;
import dev.slipway.protocol.worker.CommandStep;
import dev.slipway.protocol.worker.CopyStep;
import dev.slipway.protocol.worker.EnvironmentStep;
import dev.slipway.protocol.worker.MountAccess;
import dev.slipway.protocol.worker.RunStep;
import dev.slipway.protocol.worker.SecretMount;
import dev.slipway.protocol.worker.TextFile;
import dev.slipway.protocol.worker.UserStep;
import dev.slipway.protocol.worker.WorkingDirectoryStep;
import dev.slipway.protocol.worker.WrittenMount;
import java.util.List;

/// Steps of builds in the words of the worker protocol.
final class BuildStepTranslation {
  private BuildStepTranslation() {}

  static BuildStep step(RecipeStep step) {
    BuildStep.Builder message =
        BuildStep.newBuilder().setNumber(step.number()).setSource(step.source());
    switch (step.step()) {
      case dev.slipway.model.BuildStep.Run run -> message.setRun(run(run));
      case dev.slipway.model.BuildStep.Copy copy -> message.setCopy(copy(copy));
      case dev.slipway.model.BuildStep.Environment environment ->
          message.setEnvironment(
              EnvironmentStep.newBuilder().putAllVariables(environment.variables()));
      case dev.slipway.model.BuildStep.Arguments arguments ->
          message.setArguments(EnvironmentStep.newBuilder().putAllVariables(arguments.values()));
      case dev.slipway.model.BuildStep.WorkingDirectory directory ->
          message.setWorkingDirectory(WorkingDirectoryStep.newBuilder().setPath(directory.path()));
      case dev.slipway.model.BuildStep.Command command ->
          message.setCommand(words(command.arguments(), command.shellForm()));
      case dev.slipway.model.BuildStep.Entrypoint entrypoint ->
          message.setEntrypoint(words(entrypoint.arguments(), entrypoint.shellForm()));
      case dev.slipway.model.BuildStep.Shell shell ->
          message.setShell(words(shell.arguments(), false));
      case dev.slipway.model.BuildStep.User user ->
          message.setUser(UserStep.newBuilder().setUser(user.user()));
      case dev.slipway.model.BuildStep.Note note -> message.setNote(note.sentence());
    }
    return message.build();
  }

  private static RunStep run(dev.slipway.model.BuildStep.Run run) {
    RunStep.Builder message =
        RunStep.newBuilder()
            .addAllArguments(run.arguments())
            .setShellForm(run.shellForm())
            .setOffline(!run.online());
    run.mounts().forEach(mount -> message.addMounts(mount(mount)));
    return message.build();
  }

  private static dev.slipway.protocol.worker.RunMount mount(RunMount mount) {
    var message = dev.slipway.protocol.worker.RunMount.newBuilder().setTarget(mount.target());
    switch (mount) {
      case RunMount.Bind bind -> {
        BindMount.Builder details =
            BindMount.newBuilder().setSource(bind.source()).setWritable(bind.writable());
        bind.stage().ifPresent(details::setStage);
        message.setBind(details);
      }
      case RunMount.Cache cache ->
          message.setCache(
              CacheMount.newBuilder()
                  .setId(cache.id())
                  .setExclusive(cache.exclusive())
                  .setReadOnly(cache.readOnly())
                  .setAccess(access(cache.access())));
      case RunMount.Secret secret ->
          message.setSecret(
              SecretMount.newBuilder()
                  .setId(secret.id())
                  .setVariable(secret.variable())
                  .setRequired(secret.required())
                  .setAccess(access(secret.access())));
      case RunMount.Temporary temporary -> {
        if (temporary.bytes() > 0) {
          message.setMemoryBytes(temporary.bytes());
        } else {
          message.setTemporary(true);
        }
      }
      case RunMount.Script script -> message.setScript(script.text());
      case RunMount.Written written ->
          message.setWritten(
              WrittenMount.newBuilder()
                  .setLine(written.line())
                  .setText(written.text())
                  .putAllOptions(written.options()));
    }
    return message.build();
  }

  private static MountAccess access(RunMount.Access access) {
    return MountAccess.newBuilder()
        .setUid(access.uid())
        .setGid(access.gid())
        .setMode(access.mode())
        .build();
  }

  private static CopyStep copy(dev.slipway.model.BuildStep.Copy copy) {
    CopyStep.Builder message =
        CopyStep.newBuilder()
            .addAllSources(copy.sources())
            .setDestination(copy.destination())
            .setOwner(copy.owner())
            .setMode(copy.mode())
            .setUnpack(copy.unpack() != dev.slipway.model.BuildStep.Unpack.NONE);
    copy.stage().ifPresent(message::setStage);
    copy.mount().ifPresent(mount -> message.setMountId(mount.value()));
    copy.texts()
        .forEach(text ->
            message.addTexts(TextFile.newBuilder().setName(text.name()).setText(text.text())));
    return message.build();
  }

  private static CommandStep words(List<String> arguments, boolean shellForm) {
    return CommandStep.newBuilder().addAllArguments(arguments).setShellForm(shellForm).build();
  }
}
