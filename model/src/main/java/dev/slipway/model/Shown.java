package dev.slipway.model;

/// Texts of whoever it may be, as sentences show them.
public final class Shown {
  private Shown() {}

  /// The text, or its beginning with an ellipsis when it is longer.
  ///
  /// @param most characters of the text, as [String#length] counts them; one less where a character
  ///   of two would be cut
  public static String atMost(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    boolean cuts = most > 0 && Character.isSurrogatePair(text.charAt(most - 1), text.charAt(most));
    return text.substring(0, cuts ? most - 1 : most) + "…";
  }
}
