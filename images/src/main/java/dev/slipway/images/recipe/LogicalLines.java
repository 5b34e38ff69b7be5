package dev.slipway.images.recipe;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Splits a recipe's text into instructions: parser directives, comments, continued lines, and the
/// texts that stand behind an instruction.
final class LogicalLines {
  private static final Pattern DIRECTIVE =
      Pattern.compile("#\\s*([A-Za-z][A-Za-z0-9]*)\\s*=\\s*(.+?)\\s*");

  /// A word such as `<<EOF`, `<<-"EOF"` or `3<<EOF`.
  private static final Pattern HEREDOC =
      Pattern.compile("\\d*<<(-?)(?:([A-Za-z_][\\w.-]*)|\"([^\"\\s]+)\"|'([^'\\s]+)')");

  private static final Set<String> WITH_TEXTS = Set.of("RUN", "COPY", "ADD");

  private final String[] lines;
  private char escape = '\\';
  private int next;

  private LogicalLines(String text) {
    this.lines = text.split("\r?\n", -1);
  }

  static List<LogicalLine> of(String text) {
    return new LogicalLines(text).read();
  }

  /// Whether a word stands for a text behind the instruction.
  static boolean isHeredoc(String word) {
    return HEREDOC.matcher(word).matches();
  }

  private List<LogicalLine> read() {
    List<LogicalLine> result = new ArrayList<>();
    next = skipDirectives();
    while (next < lines.length) {
      String first = lines[next].strip();
      if (first.isEmpty() || first.startsWith("#")) {
        next++;
        continue;
      }
      int number = next + 1;
      StringBuilder joined = new StringBuilder();
      boolean continued = append(joined, lines[next++].stripLeading());
      while (continued && next < lines.length) {
        String line = lines[next++];
        String stripped = line.strip();
        // A comment or an empty line in between does not end the instruction.
        if (!stripped.isEmpty() && !stripped.startsWith("#")) {
          continued = append(joined, line);
        }
      }
      String instruction = joined.toString().strip();
      if (!instruction.isEmpty()) {
        result.add(withTexts(new LogicalLine(number, instruction, escape, List.of())));
      }
    }
    return result;
  }

  /// Reads the texts that an instruction announces; they stand behind it.
  private LogicalLine withTexts(LogicalLine line) {
    if (!WITH_TEXTS.contains(line.keyword().toUpperCase(Locale.ROOT))
        || !line.text().contains("<<")
        || Words.findJsonStrings(line.arguments()).isPresent()) {
      return line;
    }
    List<Heredoc> texts = new ArrayList<>();
    for (String word : Words.split(line, line.arguments())) {
      Matcher matcher = HEREDOC.matcher(word);
      if (matcher.matches()) {
        boolean quoted = matcher.group(2) == null;
        String name = quoted ? firstOf(matcher.group(3), matcher.group(4)) : matcher.group(2);
        texts.add(readText(line, name, quoted, !matcher.group(1).isEmpty()));
      }
    }
    return new LogicalLine(line.number(), line.text(), escape, texts);
  }

  private static String firstOf(
      @org.jspecify.annotations.Nullable String one,
      @org.jspecify.annotations.Nullable String other) {
    return one != null ? one : String.valueOf(other);
  }

  private Heredoc readText(LogicalLine line, String name, boolean quoted, boolean withoutTabs) {
    StringBuilder text = new StringBuilder();
    while (next < lines.length) {
      String read = lines[next++];
      String content = withoutTabs ? read.replaceFirst("^\t+", "") : read;
      if (content.equals(name)) {
        return new Heredoc(name, quoted, text.toString());
      }
      text.append(content).append('\n');
    }
    throw line.malformed(
        "the text that <<" + name + " begins has no line '" + name + "' at its end");
  }

  /// Appends the line without its continuation mark, and says whether it had one.
  private boolean append(StringBuilder joined, String line) {
    String text = line.stripTrailing();
    if (!text.isEmpty() && text.charAt(text.length() - 1) == escape) {
      joined.append(text, 0, text.length() - 1);
      return true;
    }
    joined.append(line);
    return false;
  }

  /// Reads the directives, which stand before everything else; gives the index of the first line
  /// behind them.
  private int skipDirectives() {
    int index = 0;
    while (index < lines.length) {
      Matcher directive = DIRECTIVE.matcher(lines[index].strip());
      if (!directive.matches()) {
        return index;
      }
      if (directive.group(1).equalsIgnoreCase("escape")) {
        String value = directive.group(2);
        if (!value.equals("\\") && !value.equals("`")) {
          throw new SlipwayException(
              ErrorKind.INVALID,
              "line %d of the image's recipe, '%s': the escape character is \\ or `"
                  .formatted(index + 1, lines[index].strip()));
        }
        escape = value.charAt(0);
      }
      index++;
    }
    return index;
  }
}
