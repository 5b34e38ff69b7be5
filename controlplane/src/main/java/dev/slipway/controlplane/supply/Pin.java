package dev.slipway.controlplane.supply;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One package at one version, as a pin file of the client says it.
record Pin(String project, String version) {
  private static final Pattern LINE =
      Pattern.compile(
          "([A-Za-z0-9][A-Za-z0-9._-]*)\\s*==\\s*([0-9][A-Za-z0-9.!+_-]*)\\s*(?:;\\s*(.*))?");
  private static final Pattern CONDITION =
      Pattern.compile("python_version\\s*(<=|>=|==|!=|<|>)\\s*[\"'](\\d\\.\\d{1,2})[\"']");

  /// The pins of a pin file that apply to this Python. A line is `NAME==VERSION`, optionally with a
  /// condition on `python_version`; everything else is refused, so that nothing is left out
  /// unnoticed.
  static List<Pin> parseFile(String text, PythonVersion python) {
    List<Pin> pins = new ArrayList<>();
    for (String raw : text.lines().toList()) {
      String line = raw.replaceFirst("(^|\\s)#.*", "").strip();
      if (line.isEmpty()) {
        continue;
      }
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw unreadable(line);
      }
      String condition = matcher.group(3);
      if (condition == null || holds(condition, python)) {
        pins.add(new Pin(matcher.group(1), matcher.group(2)));
      }
    }
    return pins;
  }

  private static boolean holds(String condition, PythonVersion python) {
    for (String part : condition.split("\\sand\\s")) {
      Matcher matcher = CONDITION.matcher(part.strip());
      if (!matcher.matches()) {
        throw unreadable(condition);
      }
      int order = python.compareTo(PythonVersion.parse(matcher.group(2)));
      boolean holds =
          switch (matcher.group(1)) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case "==" -> order == 0;
            case "!=" -> order != 0;
            case ">=" -> order >= 0;
            case ">" -> order > 0;
            default -> throw unreadable(condition);
          };
      if (!holds) {
        return false;
      }
    }
    return true;
  }

  private static SlipwayException unreadable(String line) {
    return new SlipwayException(
        ErrorKind.UNSUPPORTED,
        "the client's list of pinned packages has a line that this server cannot read: '"
            + line
            + "'");
  }

  Pin withVersion(String other) {
    return new Pin(project, other);
  }

  /// True for the project's name in whatever spelling.
  boolean isOf(String name) {
    return normal(project).equals(normal(name));
  }

  private static String normal(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_.]+", "-");
  }

  @Override
  public String toString() {
    return project + "==" + version;
  }
}
