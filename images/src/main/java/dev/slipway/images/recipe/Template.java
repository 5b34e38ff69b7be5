package dev.slipway.images.recipe;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.Map;

/// Text that may refer to variables: `$NAME` and `${NAME}`, with `:-` and `-` (a value that stands
/// in), `:+` and `+` (a value instead), `:?` and `?` (an error), `#` and `##` (without what matches
/// a pattern at its begin), `%` and `%%` (at its end), `/pattern/text` and `//pattern/text` (with
/// matches replaced). A backslash takes the meaning from what follows it.
public final class Template {
  /// Most characters that a text may have once its variables are replaced.
  static final int MOST_CHARACTERS = 4 << 20;

  /// Most references within each other.
  static final int MOST_DEPTH = 50;

  /// Most comparisons of patterns with values.
  private static final long MOST_WORK = 10_000_000;

  /// What has a meaning in a pattern, and a backslash in front when it is a plain character.
  private static final String OF_PATTERNS = "\\$}*?/#%";

  private final String text;
  private final Map<String, String> variables;
  private int position;
  private int depth;
  private long work = MOST_WORK;

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

  /// Whether a text refers to a variable.
  static boolean refers(String template) {
    for (int i = 0; i < template.length(); i++) {
      char c = template.charAt(i);
      if (c == '$') {
        return true;
      }
      i += c == '\\' ? 1 : 0;
    }
    return false;
  }

  static void appendLiteral(StringBuilder template, char character) {
    if (character == '\\' || character == '$' || character == '}') {
      template.append('\\');
    }
    template.append(character);
  }

  /// Appends a character of a pattern that stands for itself.
  static void appendPlain(StringBuilder pattern, char character) {
    if (OF_PATTERNS.indexOf(character) >= 0) {
      pattern.append('\\');
    }
    pattern.append(character);
  }

  static void requireShort(CharSequence result, int most) {
    if (result.length() > most) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "a text may have %,d characters once its variables are replaced, this one has more"
              .formatted(most));
    }
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
        requireShort(result, MOST_CHARACTERS);
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
    if (!braces) {
      return value == null ? "" : value;
    }
    if (++depth > MOST_DEPTH) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "at most %d references can be within each other".formatted(MOST_DEPTH));
    }
    String result = inBraces(name, value);
    depth--;
    return result;
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
      case '#', '%' -> {
        if (emptyCountsAsUnset) {
          throw unknownOperator(name);
        }
        yield trimmed(present, operator);
      }
      case '/' -> {
        if (emptyCountsAsUnset) {
          throw unknownOperator(name);
        }
        yield replaced(present);
      }
      default -> throw unknownOperator(name);
    };
  }

  private SlipwayException unknownOperator(String name) {
    return new SlipwayException(
        ErrorKind.INVALID,
        "'" + text + "' must have '}', ':-', ':+', ':?', '#', '%' or '/' behind ${" + name);
  }

  private String trimmed(String value, char operator) {
    boolean longest = skip(operator);
    TextPattern pattern = new TextPattern(readPattern('}'), work);
    String result =
        operator == '#'
            ? pattern.withoutPrefix(value, longest)
            : pattern.withoutSuffix(value, longest);
    work = pattern.work();
    return result;
  }

  private String replaced(String value) {
    boolean all = skip('/');
    TextPattern pattern = new TextPattern(readPattern('/'), work);
    String replacement = read(true);
    String result = pattern.replaced(value, replacement, all, MOST_CHARACTERS);
    work = pattern.work();
    return result;
  }

  private boolean skip(char character) {
    boolean there = position < text.length() && text.charAt(position) == character;
    position += there ? 1 : 0;
    return there;
  }

  /// Reads a pattern up to a character that no backslash stands in front of. Backslashes stay: the
  /// pattern says by them what is no wildcard.
  private String readPattern(char end) {
    StringBuilder result = new StringBuilder();
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == '\\' && position < text.length()) {
        result.append(c).append(text.charAt(position++));
      } else if (c == '$') {
        result.append(reference());
        requireShort(result, MOST_CHARACTERS);
      } else if (c == end) {
        return result.toString();
      } else {
        result.append(c);
      }
    }
    throw new SlipwayException(
        ErrorKind.INVALID, "'" + text + "' has a pattern without its closing '" + end + "'");
  }
}
