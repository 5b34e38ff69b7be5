package dev.slipway.model;

import java.util.Map;
import java.util.Optional;

/// What a command of a build sees beside the image's files, and what no layer keeps.
public sealed interface RunMount {
  /// Where the command sees it; empty only for a [Secret] that is a variable alone.
  String target();

  /// Files of the build context or of an earlier stage. What is written to them is dropped.
  ///
  /// @param stage absent for the build context
  record Bind(Optional<Integer> stage, String source, String target, boolean writable)
      implements RunMount {}

  /// A directory that outlives the build: later builds of the workspace see what earlier ones left.
  ///
  /// @param id which directory; commands that name the same id share one
  /// @param exclusive whether one command at a time has it
  /// @param readOnly whether the command may only read it
  record Cache(String id, String target, boolean exclusive, Access access, boolean readOnly)
      implements RunMount {}

  /// The value of a secret.
  ///
  /// @param id the name of the value among the build's secrets
  /// @param target file that holds it; empty for none
  /// @param variable environment variable that holds it; empty for none
  /// @param required whether the step fails when the build has no such value
  record Secret(String id, String target, String variable, boolean required, Access access)
      implements RunMount {}

  /// An empty directory that is gone when the command ends.
  ///
  /// @param bytes most bytes of what it takes, in memory then; 0 for a directory on the disk, which
  ///   has no limit of its own
  record Temporary(String target, long bytes) implements RunMount {}

  /// A file that can be run, with contents from the recipe.
  record Script(String target, String text) implements RunMount {}

  /// A cache, a secret or an empty directory as the recipe says it: its numbers and choices refer
  /// to variables, so that it is known what it is once these are replaced.
  ///
  /// @param line where it stands in the recipe, counted from 1
  /// @param text the line, cut when it is long
  /// @param options templates by their names, one of them `type`
  record Written(int line, String text, Map<String, String> options) implements RunMount {
    public Written {
      options = Map.copyOf(options);
    }

    @Override
    public String target() {
      return options.getOrDefault("target", "");
    }
  }

  /// To whom something belongs, in the container's numbers.
  ///
  /// @param mode permission bits
  record Access(int uid, int gid, int mode) {}
}
