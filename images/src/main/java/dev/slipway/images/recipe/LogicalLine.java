package dev.slipway.images.recipe;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.util.List;

/// One instruction: its lines joined, comments and continuation marks gone.
///
/// @param number of the instruction's first line, counted from 1
/// @param escape the character that continues lines and escapes others: a backslash, or what the
///   recipe's `escape` directive says
/// @param texts what stood behind the instruction for its words `<<NAME`, in their order
record LogicalLine(int number, String text, char escape, List<Heredoc> texts) {
  static final int SHOWN_CHARACTERS = 160;

  LogicalLine {
    texts = List.copyOf(texts);
  }

  String keyword() {
    return text.split("\\s", 2)[0];
  }

  /// What follows the keyword, without the space around it.
  String arguments() {
    return text.substring(keyword().length()).strip();
  }

  SlipwayException malformed(String reason) {
    return new SlipwayException(ErrorKind.INVALID, describe(reason));
  }

  SlipwayException unsupported(String reason) {
    return new SlipwayException(ErrorKind.UNSUPPORTED, describe(reason));
  }

  private String describe(String reason) {
    String shown = Shown.atMost(text, SHOWN_CHARACTERS);
    return "line " + number + " of the image's recipe, '" + shown + "': " + reason;
  }
}
