package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.MountId;
import dev.slipway.model.RunMount;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// What steps say about other stages.
public final class References {
  private References() {}

  /// The stages that a step takes files from.
  public static Stream<Integer> of(BuildStep step) {
    return switch (step) {
      case BuildStep.Copy copy -> copy.stage().stream();
      case BuildStep.Run run ->
          run.mounts().stream()
              .flatMap(mount ->
                  mount instanceof RunMount.Bind bind ? bind.stage().stream() : Stream.of());
      case BuildStep.Environment _,
          BuildStep.Arguments _,
          BuildStep.WorkingDirectory _,
          BuildStep.Command _,
          BuildStep.Entrypoint _,
          BuildStep.Shell _,
          BuildStep.User _,
          BuildStep.Note _ ->
          Stream.of();
    };
  }

  /// Whether a step reads the build context.
  public static boolean readsContext(BuildStep step) {
    return contextSources(step).findAny().isPresent();
  }

  /// What a step reads of the build context: patterns, not expanded yet.
  public static Stream<String> contextSources(BuildStep step) {
    return switch (step) {
      case BuildStep.Copy copy ->
          copy.stage().isEmpty() && copy.mount().isEmpty() ? copy.sources().stream() : Stream.of();
      case BuildStep.Run run ->
          run.mounts().stream()
              .flatMap(mount ->
                  mount instanceof RunMount.Bind bind && bind.stage().isEmpty()
                      ? Stream.of(bind.source())
                      : Stream.of());
      case BuildStep.Environment _,
          BuildStep.Arguments _,
          BuildStep.WorkingDirectory _,
          BuildStep.Command _,
          BuildStep.Entrypoint _,
          BuildStep.Shell _,
          BuildStep.User _,
          BuildStep.Note _ ->
          Stream.of();
    };
  }

  /// The address that a step adds a file from, until it was fetched.
  public static Optional<String> address(BuildStep step) {
    return onlySource(step).filter(CopyReader::isAddress);
  }

  /// Whether a step that is not expanded yet may add a file from an address.
  public static boolean mayBeAddress(BuildStep step) {
    return onlySource(step)
        .filter(source -> CopyReader.isAddress(source) || source.startsWith("$"))
        .isPresent();
  }

  private static Optional<String> onlySource(BuildStep step) {
    return step instanceof BuildStep.Copy copy
            && copy.stage().isEmpty()
            && copy.mount().isEmpty()
            && copy.sources().size() == 1
        ? Optional.of(copy.sources().getFirst())
        : Optional.empty();
  }

  /// The step that adds the file when it is in a mount. Archives from the web are kept as they are,
  /// unless the line says otherwise of an address that it shows.
  public static BuildStep fetched(BuildStep step, MountId mount, String name) {
    BuildStep.Copy copy = (BuildStep.Copy) step;
    return new BuildStep.Copy(
        Optional.empty(),
        Optional.of(mount),
        List.of(Template.literal("/" + name)),
        copy.texts(),
        copy.destination(),
        copy.owner(),
        copy.mode(),
        copy.unpack() && address(step).isPresent());
  }

  /// The mounts that a step copies from.
  public static Stream<MountId> mounts(BuildStep step) {
    return step instanceof BuildStep.Copy copy ? copy.mount().stream() : Stream.of();
  }

  /// The step when the stages that it refers to have other places.
  public static BuildStep moved(BuildStep step, UnaryOperator<Integer> place) {
    return switch (step) {
      case BuildStep.Copy copy ->
          new BuildStep.Copy(
              copy.stage().map(place),
              copy.mount(),
              copy.sources(),
              copy.texts(),
              copy.destination(),
              copy.owner(),
              copy.mode(),
              copy.unpack());
      case BuildStep.Run run -> {
        List<RunMount> mounts = run.mounts().stream().map(mount -> moved(mount, place)).toList();
        yield new BuildStep.Run(run.arguments(), run.shellForm(), mounts, run.online());
      }
      case BuildStep.Environment _,
          BuildStep.Arguments _,
          BuildStep.WorkingDirectory _,
          BuildStep.Command _,
          BuildStep.Entrypoint _,
          BuildStep.Shell _,
          BuildStep.User _,
          BuildStep.Note _ ->
          step;
    };
  }

  private static RunMount moved(RunMount mount, UnaryOperator<Integer> place) {
    if (mount instanceof RunMount.Bind bind) {
      Optional<Integer> stage = bind.stage().map(place);
      return new RunMount.Bind(stage, bind.source(), bind.target(), bind.writable());
    }
    return mount;
  }
}
