package dev.slipway.images.recipe;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.Map;

/// Text that may refer to variables: `$NAME` and `${NAME}`, with `:-` and `-` (a value that stands
/// in), `:+` and `+` (a value instead), `:?` and `?` (an error). `\\`, `\$` and `\}` stand for the
/// characters themselves.
public final class Template {
  private final String text;
  private final Map<String, String> variables;
  private int position;

  private Template(String text, Map<String, String> variables) {
    this.text = text;
    this.variables = variables;
  }

  /// Replaces every reference; a variable that is not there counts as empty.
  ///
  /// @throws SlipwayException INVALID for a `${…` without end or an unknown operator, and when a
  ///   variable that `?` demands is missing
  public static String expand(String template, Map<String, String> variables) {
    return new Template(template, variables).read(false);
  }

  /// The template that stands for exactly this text.
  public static String literal(String text) {
    StringBuilder result = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      appendLiteral(result, text.charAt(i));
    }
    return result.toString();
  }

  static void appendLiteral(StringBuilder template, char character) {
    if (character == '\\' || character == '$' || character == '}') {
      template.append('\\');
    }
    template.append(character);
  }

  /// Where the variable name that starts at `start` ends; `start` itself when none does.
  static int endOfName(CharSequence text, int start) {
    int end = start;
    while (end < text.length() && isNamePart(text.charAt(end), end > start)) {
      end++;
    }
    return end;
  }

  private static boolean isNamePart(char c, boolean inside) {
    return c == '_'
        || (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (inside && c >= '0' && c <= '9');
  }

  private String read(boolean insideBraces) {
    StringBuilder result = new StringBuilder();
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == '\\' && position < text.length()) {
        result.append(text.charAt(position++));
      } else if (c == '$') {
        result.append(reference());
      } else if (c == '}' && insideBraces) {
        return result.toString();
      } else {
        result.append(c);
      }
    }
    if (insideBraces) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + text + "' has a '${' without its closing '}'");
    }
    return result.toString();
  }

  /// Reads what follows a dollar sign.
  private String reference() {
    boolean braces = position < text.length() && text.charAt(position) == '{';
    if (braces) {
      position++;
    }
    int end = endOfName(text, position);
    if (end == position && !braces) {
      return "$";
    }
    String name = text.substring(position, end);
    position = end;
    String value = variables.get(name);
    return braces ? inBraces(name, value) : value == null ? "" : value;
  }

  private String inBraces(String name, @org.jspecify.annotations.Nullable String value) {
    boolean emptyCountsAsUnset = position < text.length() && text.charAt(position) == ':';
    if (emptyCountsAsUnset) {
      position++;
    }
    char operator = position < text.length() ? text.charAt(position++) : '\0';
    if (name.isEmpty() || (emptyCountsAsUnset && operator == '}')) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + text + "' has a '${' that no variable's name follows");
    }
    boolean set = value != null && !(emptyCountsAsUnset && value.isEmpty());
    String present = value == null ? "" : value;
    return switch (operator) {
      case '}' -> present;
      case '-' -> {
        String substitute = read(true);
        yield set ? present : substitute;
      }
      case '+' -> {
        String substitute = read(true);
        yield set ? substitute : "";
      }
      case '?' -> {
        String reason = read(true);
        if (!set) {
          throw new SlipwayException(
              ErrorKind.INVALID,
              "variable " + name + " is not set" + (reason.isEmpty() ? "" : ": " + reason));
        }
        yield present;
      }
      default ->
          throw new SlipwayException(
              ErrorKind.INVALID,
              "'" + text + "' must have '}', ':-', ':+' or ':?' behind ${" + name);
    };
  }
}
