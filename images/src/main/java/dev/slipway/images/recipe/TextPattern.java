package dev.slipway.images.recipe;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;

/// A pattern of shells for pieces of texts: `*` is as many characters as there are, `?` is one, and
/// a backslash makes what follows it a plain character.
final class TextPattern {
  private static final int ONE = -1;
  private static final int MANY = -2;

  private final String written;
  private final int[] parts;
  private long work;

  /// @param work most comparisons that its use may cost
  TextPattern(String written, long work) {
    this(written, parts(written), work);
  }

  private TextPattern(String written, int[] parts, long work) {
    this.written = written;
    this.parts = parts;
    this.work = work;
  }

  private static int[] parts(String written) {
    int[] characters = written.codePoints().toArray();
    int[] parts = new int[characters.length];
    int count = 0;
    for (int i = 0; i < characters.length; i++) {
      boolean escaped = characters[i] == '\\' && i + 1 < characters.length;
      int character = characters[escaped ? ++i : i];
      parts[count++] =
          escaped ? character : character == '*' ? MANY : character == '?' ? ONE : character;
    }
    return java.util.Arrays.copyOf(parts, count);
  }

  /// How many comparisons are left.
  long work() {
    return work;
  }

  /// The text without what matches at its begin.
  ///
  /// @param longest whether as much as possible goes, or as little
  String withoutPrefix(String text, boolean longest) {
    int[] characters = text.codePoints().toArray();
    int end = end(parts, characters, 0, longest);
    return end < 0 ? text : new String(characters, end, characters.length - end);
  }

  /// The text without what matches at its end.
  ///
  /// @param longest whether as much as possible goes, or as little
  String withoutSuffix(String text, boolean longest) {
    int[] characters = text.codePoints().toArray();
    int end = end(reversed(parts), reversed(characters), 0, longest);
    return end < 0 ? text : new String(characters, 0, characters.length - end);
  }

  /// The text with the longest match, the first one or all of them, replaced. Where nothing is
  /// matched, nothing is replaced.
  ///
  /// @param most characters that the result may have
  String replaced(String text, String replacement, boolean all, int most) {
    int[] characters = text.codePoints().toArray();
    StringBuilder result = new StringBuilder();
    boolean done = false;
    int i = 0;
    while (i < characters.length) {
      int end = done ? -1 : end(parts, characters, i, true);
      if (end > i) {
        result.append(replacement);
        i = end;
        done = !all;
      } else {
        result.appendCodePoint(characters[i++]);
      }
      Template.requireShort(result, most);
    }
    return result.toString();
  }

  /// Where a match ends that begins at `start`; -1 when there is none. Follows all ways to match at
  /// once, so that no pattern takes longer than its length times that of the text.
  private int end(int[] pattern, int[] text, int start, boolean longest) {
    boolean[] reached = new boolean[pattern.length + 1];
    reached[0] = true;
    int found = -1;
    for (int i = start; close(pattern, reached); i++) {
      if (reached[pattern.length]) {
        found = i;
        if (!longest) {
          return found;
        }
      }
      if (i == text.length) {
        return found;
      }
      for (int at = pattern.length; at >= 0; at--) {
        boolean stays = at < pattern.length && reached[at] && pattern[at] == MANY;
        boolean arrives =
            at > 0 && reached[at - 1] && (pattern[at - 1] == ONE || pattern[at - 1] == text[i]);
        reached[at] = stays || arrives;
      }
    }
    return found;
  }

  /// Goes on where nothing needs to match; false when there is no way left.
  private boolean close(int[] pattern, boolean[] reached) {
    work -= reached.length;
    if (work < 0) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the pattern '" + written + "' takes too long on a text as long as this one");
    }
    boolean any = reached[pattern.length];
    for (int at = 0; at < pattern.length; at++) {
      any |= reached[at];
      reached[at + 1] |= reached[at] && pattern[at] == MANY;
    }
    return any;
  }

  private static int[] reversed(int[] values) {
    int[] result = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[values.length - 1 - i];
    }
    return result;
  }
}
