package dev.slipway.images.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Reads the words behind an instruction: quotes, escapes and references become templates.
final class Words {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final LogicalLine line;
  private final String text;
  private int position;
  private int depth;

  private Words(LogicalLine line, String text) {
    this.line = line;
    this.text = text;
  }

  /// The words, separated by space that is neither quoted nor escaped, quotes still in place.
  static List<String> split(LogicalLine line, String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == line.escape() && quote != '\'' && i + 1 < text.length()) {
        word.append(c).append(text.charAt(++i));
      } else if (quote == 0 && Character.isWhitespace(c)) {
        if (!word.isEmpty()) {
          words.add(word.toString());
          word.setLength(0);
        }
      } else {
        quote = quoteAfter(quote, c);
        word.append(c);
      }
    }
    if (!word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }

  private static char quoteAfter(char quote, char c) {
    if (quote == 0 && (c == '"' || c == '\'')) {
      return c;
    }
    return quote == c ? 0 : quote;
  }

  /// The strings of a JSON array; empty when the text is something else.
  static Optional<List<String>> findJsonStrings(String text) {
    if (!text.startsWith("[")) {
      return Optional.empty();
    }
    try {
      Object[] values = JSON.readValue(text, Object[].class);
      List<String> strings = new ArrayList<>();
      for (Object value : values) {
        if (!(value instanceof String string)) {
          return Optional.empty();
        }
        strings.add(string);
      }
      return Optional.of(List.copyOf(strings));
    } catch (JacksonException notJson) {
      return Optional.empty();
    }
  }

  /// Takes the quotes and escapes off a text and keeps its references.
  static String template(LogicalLine line, String text) {
    return new Words(line, text).readTemplate('\0', false);
  }

  /// The template of a text in which quotes mean nothing: only references and an escaped dollar
  /// sign or escape character do.
  static String textTemplate(LogicalLine line, String text) {
    Words words = new Words(line, text);
    StringBuilder result = new StringBuilder();
    while (words.position < text.length()) {
      char c = text.charAt(words.position++);
      char following = words.position < text.length() ? text.charAt(words.position) : '\0';
      if (c == line.escape() && (following == '$' || following == line.escape())) {
        Template.appendLiteral(result, following);
        words.position++;
      } else if (c == '$') {
        words.readReference(result);
      } else {
        Template.appendLiteral(result, c);
      }
    }
    return result.toString();
  }

  /// @param end what ends it; NUL for the end of the text
  /// @param pattern whether wildcards that are neither quoted nor escaped are such
  private String readTemplate(char end, boolean pattern) {
    StringBuilder result = new StringBuilder();
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == end) {
        return result.toString();
      } else if (c == '\'') {
        readSingleQuoted(result, pattern);
      } else if (c == '"') {
        readDoubleQuoted(result, pattern);
      } else if (c == line.escape()) {
        if (position < text.length()) {
          append(result, text.charAt(position++), pattern);
        }
      } else if (c == '$') {
        readReference(result);
      } else if (pattern && (c == '*' || c == '?')) {
        result.append(c);
      } else if (end == '/' && c == '}') {
        break;
      } else {
        append(result, c, pattern);
      }
    }
    if (end == '/') {
      throw line.malformed("a '${NAME/pattern/text}' lacks its second '/'");
    } else if (end != '\0') {
      throw line.malformed("a '${' lacks its closing '}'");
    }
    return result.toString();
  }

  /// Appends a character that stands for itself.
  private static void append(StringBuilder result, char character, boolean pattern) {
    if (pattern) {
      Template.appendPlain(result, character);
    } else {
      Template.appendLiteral(result, character);
    }
  }

  private void readSingleQuoted(StringBuilder result, boolean pattern) {
    int close = text.indexOf('\'', position);
    if (close < 0) {
      throw line.malformed("a single quote lacks its partner");
    }
    while (position < close) {
      append(result, text.charAt(position++), pattern);
    }
    position = close + 1;
  }

  private void readDoubleQuoted(StringBuilder result, boolean pattern) {
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == '"') {
        return;
      } else if (c == line.escape() && position < text.length()) {
        char next = text.charAt(position++);
        if (next != '"' && next != '$' && next != line.escape()) {
          append(result, c, pattern);
        }
        append(result, next, pattern);
      } else if (c == '$') {
        readReference(result);
      } else {
        append(result, c, pattern);
      }
    }
    throw line.malformed("a double quote lacks its partner");
  }

  /// Reads what follows a dollar sign, in the form that templates have.
  private void readReference(StringBuilder result) {
    if (position < text.length() && text.charAt(position) == '{') {
      readBraces(result);
      return;
    }
    int end = Template.endOfName(text, position);
    if (end > position) {
      // Braces keep the name apart from a letter that was quoted behind it.
      result.append("${").append(text, position, end).append('}');
      position = end;
    } else {
      Template.appendLiteral(result, '$');
    }
  }

  private void readBraces(StringBuilder result) {
    int nameStart = position + 1;
    int nameEnd = Template.endOfName(text, nameStart);
    position = nameEnd;
    result.append("${").append(text, nameStart, nameEnd);
    boolean colon = position < text.length() && text.charAt(position) == ':';
    if (colon) {
      result.append(':');
      position++;
    }
    char operator = position < text.length() ? text.charAt(position++) : '\0';
    String known = colon ? "-+?" : "}-+?#%/";
    if (nameEnd == nameStart || known.indexOf(operator) < 0) {
      throw line.malformed(
          "a reference has the form ${NAME}, ${NAME:-value}, ${NAME:+value}, ${NAME:?reason}, ${NAME#pattern}, ${NAME%pattern} or ${NAME/pattern/text}");
    }
    result.append(operator);
    if (operator == '}') {
      return;
    }
    if (++depth > Template.MOST_DEPTH) {
      throw line.malformed(
          "at most %d references can be within each other".formatted(Template.MOST_DEPTH));
    }
    switch (operator) {
      case '#', '%' -> {
        readRepeated(result, operator);
        result.append(readTemplate('}', true));
      }
      case '/' -> {
        readRepeated(result, operator);
        result.append(readTemplate('/', true)).append('/').append(readTemplate('}', false));
      }
      default -> result.append(readTemplate('}', false));
    }
    result.append('}');
    depth--;
  }

  private void readRepeated(StringBuilder result, char operator) {
    if (position < text.length() && text.charAt(position) == operator) {
      result.append(operator);
      position++;
    }
  }
}
