package dev.slipway.model;

import java.util.List;
import java.util.Map;

/// One step of an image recipe, already parsed: what a worker executes.
///
/// The texts of [Copy], [Environment], [Arguments], [WorkingDirectory] and [User] are templates:
/// they may refer to variables whose values only the machine that has the base image knows
/// (`$PATH`), and a `\` or `$` that stands for itself is written `\\` or `\$`. The recipe state of
/// module images expands them, one step after the other.
public sealed interface BuildStep {
  /// Runs a command; what it changes is part of the layer.
  ///
  /// @param arguments exec form: the words; shell form: one string for the image's shell
  record Run(List<String> arguments, boolean shellForm) implements BuildStep {
    public Run {
      arguments = List.copyOf(arguments);
    }
  }

  /// Copies files of the build context into the image.
  ///
  /// @param sources patterns relative to the root of the context
  record Copy(List<String> sources, String destination) implements BuildStep {
    public Copy {
      sources = List.copyOf(sources);
    }
  }

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
