package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads instructions that change nothing here. What is malformed is refused all the same: other
/// builders would not take the recipe either.
final class NoteReader {
  private static final Set<String> HEALTH_FLAGS =
      Set.of("interval", "timeout", "start-period", "start-interval", "retries");

  /// A port or a range of ports, perhaps behind where other builders would show it.
  private static final Pattern PORT =
      Pattern.compile("(?i)([^/]*:)?\\d{1,5}(-\\d{1,5})?(/(tcp|udp|sctp))?");

  private final LogicalLine line;

  NoteReader(LogicalLine line) {
    this.line = line;
  }

  /// @param keyword in upper case
  BuildStep read(String keyword) {
    if (line.arguments().isEmpty()) {
      throw line.malformed(keyword + " is followed by something");
    }
    switch (keyword) {
      case "EXPOSE" -> requirePorts();
      case "HEALTHCHECK" -> requireCheck();
      case "LABEL" -> requireLabels();
      default -> {
        // The others may have any words.
      }
    }
    String why =
        switch (keyword) {
          case "EXPOSE" -> "the program that starts a container opens its ports";
          case "VOLUME" -> "volumes are attached by functions";
          case "HEALTHCHECK" -> "containers are watched by the platform";
          case "STOPSIGNAL" -> "containers are interrupted, then killed";
          default -> "images here carry no labels";
        };
    return new BuildStep.Note(keyword + " is ignored: " + why);
  }

  /// Both forms: `LABEL a=1 b="2 3"`, and the old `LABEL a the rest`.
  private void requireLabels() {
    List<String> words = Words.split(line, line.arguments());
    boolean old = !words.getFirst().contains("=");
    if (old && words.size() < 2) {
      throw line.malformed("the label " + words.getFirst() + " has no value: name=value");
    }
    for (String word : old ? List.<String>of() : words) {
      if (word.indexOf('=') < 1) {
        throw line.malformed("'" + word + "' is not of the form name=value");
      }
    }
  }

  private void requirePorts() {
    for (String word : Words.split(line, line.arguments())) {
      if (!word.contains("$") && !PORT.matcher(word.replaceAll("[\"']", "")).matches()) {
        throw line.malformed("'" + word + "' is no port, such as 80, 8000-8010 or 53/udp");
      }
    }
  }

  private void requireCheck() {
    String[] words = Flags.read(line, HEALTH_FLAGS, Set.of()).rest().split("\\s+", 2);
    boolean fits =
        switch (words[0].toUpperCase(Locale.ROOT)) {
          case "NONE" -> words.length == 1;
          case "CMD" -> words.length == 2;
          default -> false;
        };
    if (!fits) {
      throw line.malformed("HEALTHCHECK is followed by NONE, or by CMD and a command");
    }
  }
}
