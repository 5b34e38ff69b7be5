package dev.slipway.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One step of an image recipe, already parsed: what a worker executes.
///
/// The texts of [Copy], [RunMount], [Environment], [Arguments], [WorkingDirectory] and [User] are
/// templates: they may refer to variables whose values only the machine that has the base image
/// knows (`$PATH`), and a `\` or `$` that stands for itself is written `\\` or `\$`. The recipe
/// state of module images expands them, one step after the other.
public sealed interface BuildStep {
  /// Runs a command; what it changes is part of the layer.
  ///
  /// @param arguments exec form: the words; shell form: one string for the image's shell
  /// @param mounts what the command sees beside the image's files
  /// @param online whether the command may reach the network
  record Run(List<String> arguments, boolean shellForm, List<RunMount> mounts, boolean online)
      implements BuildStep {
    public Run {
      arguments = List.copyOf(arguments);
      mounts = List.copyOf(mounts);
    }

    public Run(List<String> arguments, boolean shellForm) {
      this(arguments, shellForm, List.of(), true);
    }
  }

  /// Copies files into the image.
  ///
  /// @param stage where from: an earlier stage of the recipe; absent for the build context
  /// @param mount where from instead, when it is files that were fetched for this step
  /// @param sources patterns relative to the root of the context or the stage
  /// @param texts files whose contents stand in the recipe itself
  /// @param owner `user` or `user:group`, names or numbers; empty for the usual owner
  /// @param mode octal permissions, or changes as [ModeChange] reads them; empty for those of the
  ///   source
  /// @param unpack which archives are unpacked on the way
  /// @param checksum `sha256:` and the digest that the file must have which is fetched for this
  ///   step; empty for any, and when it was fetched
  record Copy(
      Optional<Integer> stage,
      Optional<MountId> mount,
      List<String> sources,
      List<TextFile> texts,
      String destination,
      String owner,
      String mode,
      Unpack unpack,
      String checksum)
      implements BuildStep {
    public Copy {
      sources = List.copyOf(sources);
      texts = List.copyOf(texts);
    }

    /// Copies files that need not be fetched any more.
    public Copy(
        Optional<Integer> stage,
        Optional<MountId> mount,
        List<String> sources,
        List<TextFile> texts,
        String destination,
        String owner,
        String mode,
        Unpack unpack) {
      this(stage, mount, sources, texts, destination, owner, mode, unpack, "");
    }

    /// Copies files of the build context or of a stage.
    public Copy(
        Optional<Integer> stage,
        List<String> sources,
        List<TextFile> texts,
        String destination,
        String owner,
        String mode,
        Unpack unpack) {
      this(stage, Optional.empty(), sources, texts, destination, owner, mode, unpack);
    }

    /// Copies files of the build context, with nothing special about it.
    public Copy(List<String> sources, String destination) {
      this(Optional.empty(), sources, List.of(), destination, "", "", Unpack.NONE);
    }
  }

  /// Which archives a copy unpacks.
  enum Unpack {
    NONE,
    /// Those that are not from the web, as ADD does when its line does not say it.
    LOCAL,
    ALL
  }

  /// A file whose contents stand in the recipe.
  record TextFile(String name, String text) {}

  /// Sets environment variables for later steps and for containers.
  record Environment(Map<String, String> variables) implements BuildStep {
    public Environment {
      variables = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(variables));
    }
  }

  /// Sets build arguments: later steps see them below the variables of the image, containers do not
  /// see them at all.
  record Arguments(Map<String, String> values) implements BuildStep {
    public Arguments {
      values = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(values));
    }
  }

  /// Sets, and makes, the working directory of later steps and of containers.
  record WorkingDirectory(String path) implements BuildStep {}

  /// Sets the default command.
  ///
  /// @param arguments exec form: the words; shell form: one string for the image's shell
  record Command(List<String> arguments, boolean shellForm) implements BuildStep {
    public Command {
      arguments = List.copyOf(arguments);
    }
  }

  /// Sets the words before the command.
  ///
  /// @param arguments exec form: the words; shell form: one string for the image's shell
  record Entrypoint(List<String> arguments, boolean shellForm) implements BuildStep {
    public Entrypoint {
      arguments = List.copyOf(arguments);
    }
  }

  /// Sets the words before a shell-form command.
  record Shell(List<String> arguments) implements BuildStep {
    public Shell {
      arguments = List.copyOf(arguments);
    }
  }

  /// Sets the user of later steps and of containers.
  record User(String user) implements BuildStep {}

  /// A line that changes nothing here; the log says why.
  record Note(String sentence) implements BuildStep {}
}
