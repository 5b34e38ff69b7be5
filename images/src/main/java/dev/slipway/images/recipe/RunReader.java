package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.RunMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads RUN.
final class RunReader {
  private static final Set<String> FLAGS = Set.of("mount", "network", "security");
  private static final Set<String> REFUSED = Set.of("device");

  /// Where a text is that is run as a program.
  private static final String SCRIPTS = "/dev/pipes/";

  private static final int MOST_MOUNTS = 50;

  private final LogicalLine line;
  private final Stages stages;

  RunReader(LogicalLine line, Stages stages) {
    this.line = line;
    this.stages = stages;
  }

  BuildStep read() {
    Flags flags = Flags.read(line, FLAGS, REFUSED);
    List<RunMount> mounts = new ArrayList<>();
    MountReader reader = new MountReader(line);
    flags.list("mount").forEach(value -> mounts.add(reader.read(value, stages)));
    if (mounts.size() > MOST_MOUNTS) {
      throw line.malformed("a step may have %d mounts".formatted(MOST_MOUNTS));
    }
    boolean online = isOnline(flags);
    if (flags.find("security").filter(value -> !value.equals("sandbox")).isPresent()) {
      throw line.unsupported("build steps run without further privileges: --security=sandbox");
    }
    String text = flags.rest();
    if (text.isEmpty()) {
      throw line.malformed("RUN is followed by a command");
    }
    Optional<List<String>> words = Words.findJsonStrings(text);
    if (words.isPresent()) {
      if (words.get().isEmpty()) {
        throw line.malformed("RUN [] names no command");
      }
      return new BuildStep.Run(words.get(), false, mounts, online);
    }
    return line.texts().size() == 1 && LogicalLines.isHeredoc(text)
        ? text(line.texts().getFirst(), mounts, online)
        : new BuildStep.Run(List.of(withTexts(text)), true, mounts, online);
  }

  private boolean isOnline(Flags flags) {
    String network = flags.find("network").orElse("default");
    return switch (network) {
      case "default" -> true;
      case "none" -> false;
      case "host" -> throw line.unsupported("build steps do not get the host's network");
      default -> throw line.malformed("'" + network + "' is no network: default or none");
    };
  }

  /// A text alone: a program when it begins with `#!`, else a script for the shell.
  private static BuildStep text(Heredoc text, List<RunMount> mounts, boolean online) {
    if (!text.text().startsWith("#!")) {
      return new BuildStep.Run(List.of(text.text()), true, mounts, online);
    }
    String target = SCRIPTS + text.name();
    List<RunMount> all = new ArrayList<>(mounts);
    all.add(new RunMount.Script(target, text.text()));
    return new BuildStep.Run(List.of(target), false, all, online);
  }

  /// Texts that a command reads: the shell knows them itself.
  private String withTexts(String command) {
    StringBuilder script = new StringBuilder(command);
    for (Heredoc text : line.texts()) {
      script.append('\n').append(text.text()).append(text.name());
    }
    return line.texts().isEmpty() ? command : script.append('\n').toString();
  }
}
