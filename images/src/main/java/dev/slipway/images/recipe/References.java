package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.MountId;
import dev.slipway.model.RunMount;
import java.util.ArrayList;
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

  /// The addresses that a step adds files from, until they were fetched.
  public static List<String> addresses(BuildStep step) {
    return ownSources(step).stream().filter(CopyReader::isAddress).toList();
  }

  /// Whether a step that is not expanded yet may add files from addresses.
  public static boolean mayBeAddress(BuildStep step) {
    return ownSources(step).stream()
        .anyMatch(source -> CopyReader.isAddress(source) || source.startsWith("$"));
  }

  /// Why sources of a step cannot be had, once they are expanded.
  public static Optional<String> refusal(BuildStep step) {
    return ownSources(step).stream()
        .flatMap(source -> CopyReader.refusal(source).stream())
        .findFirst();
  }

  /// The name of the file that the destination of a copy names; empty when it is a directory.
  public static String nameAtDestination(BuildStep step) {
    return step instanceof BuildStep.Copy copy
        ? copy.destination().substring(copy.destination().lastIndexOf('/') + 1)
        : "";
  }

  /// The checksum that the fetched file must have.
  ///
  /// @throws dev.slipway.model.SlipwayException INVALID when it is none
  public static Optional<Digest> checksum(BuildStep step) {
    return step instanceof BuildStep.Copy copy && !copy.checksum().isEmpty()
        ? Optional.of(CopyReader.checksum(copy.checksum()))
        : Optional.empty();
  }

  private static List<String> ownSources(BuildStep step) {
    return step instanceof BuildStep.Copy copy && copy.stage().isEmpty() && copy.mount().isEmpty()
        ? copy.sources()
        : List.of();
  }

  /// The steps that add the files when they are in a mount: these, and what else the line adds.
  /// Archives from the web are kept as they are, unless the line says otherwise.
  ///
  /// @param resolved the step once it is expanded
  /// @param names of the files in the mount
  public static List<BuildStep> fetched(
      BuildStep step, BuildStep resolved, MountId mount, List<String> names) {
    BuildStep.Copy copy = (BuildStep.Copy) step;
    List<String> expanded = ownSources(resolved);
    List<String> others = new ArrayList<>();
    for (int i = 0; i < expanded.size(); i++) {
      if (!CopyReader.isAddress(expanded.get(i))) {
        others.add(copy.sources().get(i));
      }
    }
    List<BuildStep> steps = new ArrayList<>();
    steps.add(
        new BuildStep.Copy(
            Optional.empty(),
            Optional.of(mount),
            names.stream().map(name -> Template.literal("/" + name)).toList(),
            List.of(),
            copy.destination(),
            copy.owner(),
            copy.mode(),
            copy.unpack() == BuildStep.Unpack.ALL ? copy.unpack() : BuildStep.Unpack.NONE));
    if (!others.isEmpty() || !copy.texts().isEmpty()) {
      steps.add(
          new BuildStep.Copy(
              Optional.empty(),
              others,
              copy.texts(),
              copy.destination(),
              copy.owner(),
              copy.mode(),
              copy.unpack()));
    }
    return steps;
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
              copy.unpack(),
              copy.checksum());
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
