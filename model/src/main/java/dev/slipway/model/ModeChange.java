package dev.slipway.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What chmod makes of permission bits: others of their own, or changes such as `u=rwX,go-w`.
///
/// @param text in octal or in letters
public record ModeChange(String text) {
  private static final Pattern OCTAL = Pattern.compile("0?[0-7]{1,4}");
  private static final Pattern LETTERS =
      Pattern.compile("[ugoa]*([-+=]([rwxXst]*|[ugo]))+(,[ugoa]*([-+=]([rwxXst]*|[ugo]))+)*");
  private static final Pattern CHANGE = Pattern.compile("([-+=])([rwxXstugo]*)");

  /// Longer ones say nothing more.
  private static final int MOST_CHARACTERS = 200;

  private static final int ALL = 07777;
  private static final int SET_ID_BITS = 06000;

  /// What a change leaves alone that does not say whose bits it means: the usual umask.
  private static final int WITHHELD = 0022;

  public ModeChange {
    boolean fits =
        text.length() <= MOST_CHARACTERS
            && (OCTAL.matcher(text).matches() || LETTERS.matcher(text).matches());
    if (!fits) {
      String shown = Shown.atMost(text, MOST_CHARACTERS);
      throw new SlipwayException(
          ErrorKind.INVALID,
          "--chmod=%s: an octal number such as 755, or changes such as u=rwX,go-w, were expected"
              .formatted(shown));
    }
  }

  /// The bits of something that has some.
  public int apply(int before, boolean directory) {
    if (OCTAL.matcher(text).matches()) {
      return Integer.parseInt(text, 8);
    }
    int mode = before;
    for (String clause : text.split(",")) {
      int who = 0;
      int at = 0;
      while ("ugoa".indexOf(clause.charAt(at)) >= 0) {
        who |= bitsOf(clause.charAt(at++));
      }
      Matcher change = CHANGE.matcher(clause.substring(at));
      while (change.find()) {
        int named = bits(change.group(2), mode, directory);
        int bits = named & (who == 0 ? ALL & ~WITHHELD : who);
        int whose = who == 0 ? ALL : who;
        // A directory keeps these until they are named.
        int replaced = directory ? whose & ~SET_ID_BITS : whose;
        mode =
            switch (change.group(1)) {
              case "+" -> mode | bits;
              case "-" -> mode & ~bits;
              default -> mode & ~replaced | bits;
            };
      }
    }
    return mode;
  }

  private static int bitsOf(char who) {
    return switch (who) {
      case 'u' -> 04700;
      case 'g' -> 02070;
      case 'o' -> 01007;
      default -> ALL;
    };
  }

  private static int bits(String letters, int mode, boolean directory) {
    int bits = 0;
    for (char letter : letters.toCharArray()) {
      bits |=
          switch (letter) {
            case 'r' -> 0444;
            case 'w' -> 0222;
            case 'x' -> 0111;
            case 'X' -> directory || (mode & 0111) != 0 ? 0111 : 0;
            case 's' -> SET_ID_BITS;
            case 't' -> 01000;
            case 'u' -> (mode >> 6 & 7) * 0111;
            case 'g' -> (mode >> 3 & 7) * 0111;
            default -> (mode & 7) * 0111;
          };
    }
    return bits;
  }
}
