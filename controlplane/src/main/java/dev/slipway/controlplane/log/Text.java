package dev.slipway.controlplane.log;

import java.util.ArrayList;
import java.util.List;

/// What becomes of text before it is kept.
final class Text {
  /// Longest piece of a line that is kept in one row, in UTF-16 units. Longer lines are kept in
  /// several.
  static final int MAX_PIECE_LENGTH = 16_384;

  private static final char NUL = '\0';
  private static final char REPLACEMENT = '\uFFFD';

  private Text() {}

  /// The text without what PostgreSQL cannot keep: each NUL is replaced by U+FFFD.
  static String storable(String text) {
    return text.indexOf(NUL) < 0 ? text : text.replace(NUL, REPLACEMENT);
  }

  /// The text in storable pieces, each of which ends with a newline, with the text, or at the
  /// longest length; together they are the whole text.
  static List<String> pieces(String text) {
    String storable = storable(text);
    List<String> pieces = new ArrayList<>();
    int from = 0;
    while (from < storable.length()) {
      int newline = storable.indexOf('\n', from);
      int to = newline < 0 ? storable.length() : newline + 1;
      if (to - from > MAX_PIECE_LENGTH) {
        to = from + MAX_PIECE_LENGTH;
        if (Character.isHighSurrogate(storable.charAt(to - 1))) {
          to--;
        }
      }
      pieces.add(storable.substring(from, to));
      from = to;
    }
    return pieces;
  }
}
