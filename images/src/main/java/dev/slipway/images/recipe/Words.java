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
    return new Words(line, text).readTemplate('\0');
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

  private String readTemplate(char end) {
    StringBuilder result = new StringBuilder();
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == end) {
        return result.toString();
      } else if (c == '\'') {
        readSingleQuoted(result);
      } else if (c == '"') {
        readDoubleQuoted(result);
      } else if (c == line.escape()) {
        if (position < text.length()) {
          Template.appendLiteral(result, text.charAt(position++));
        }
      } else if (c == '$') {
        readReference(result);
      } else {
        Template.appendLiteral(result, c);
      }
    }
    if (end != '\0') {
      throw line.malformed("a '${' lacks its closing '}'");
    }
    return result.toString();
  }

  private void readSingleQuoted(StringBuilder result) {
    int close = text.indexOf('\'', position);
    if (close < 0) {
      throw line.malformed("a single quote lacks its partner");
    }
    result.append(Template.literal(text.substring(position, close)));
    position = close + 1;
  }

  private void readDoubleQuoted(StringBuilder result) {
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == '"') {
        return;
      } else if (c == line.escape() && position < text.length()) {
        char next = text.charAt(position++);
        if (next != '"' && next != '$' && next != line.escape()) {
          Template.appendLiteral(result, c);
        }
        Template.appendLiteral(result, next);
      } else if (c == '$') {
        readReference(result);
      } else {
        Template.appendLiteral(result, c);
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
    boolean known = operator == '-' || operator == '+' || operator == '?';
    if (nameEnd == nameStart || !(known || (operator == '}' && !colon))) {
      throw line.malformed(
          "a reference has the form ${NAME}, ${NAME:-value}, ${NAME:+value} or ${NAME:?reason}");
    }
    result.append(operator);
    if (known) {
      result.append(readTemplate('}')).append('}');
    }
  }
}
