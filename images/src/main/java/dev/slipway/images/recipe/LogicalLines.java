package dev.slipway.images.recipe;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Splits a recipe's text into instructions: parser directives, comments, continued lines.
final class LogicalLines {
  private static final Pattern DIRECTIVE =
      Pattern.compile("#\\s*([A-Za-z][A-Za-z0-9]*)\\s*=\\s*(.+?)\\s*");

  private final String[] lines;
  private char escape = '\\';

  private LogicalLines(String text) {
    this.lines = text.split("\r?\n", -1);
  }

  static List<LogicalLine> of(String text) {
    return new LogicalLines(text).read();
  }

  private List<LogicalLine> read() {
    List<LogicalLine> result = new ArrayList<>();
    int next = skipDirectives();
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
        result.add(new LogicalLine(number, instruction, escape));
      }
    }
    return result;
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
