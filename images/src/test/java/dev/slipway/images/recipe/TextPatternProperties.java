package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class TextPatternProperties {
  private static final long WORK = 1_000_000;

  @Property
  void prefixesAreTheShortestAndTheLongestThatMatch(
      @ForAll @Chars({'a', 'b', '*', '?', '\\'}) @StringLength(max = 6) String pattern,
      @ForAll @Chars({'a', 'b', '*'}) @StringLength(max = 8) String text) {
    List<Integer> ends =
        IntStream.rangeClosed(0, text.length())
            .filter(end -> matches(pattern, text.substring(0, end)))
            .boxed()
            .toList();

    assertThat(new TextPattern(pattern, WORK).withoutPrefix(text, false))
        .isEqualTo(ends.isEmpty() ? text : text.substring(ends.getFirst()));
    assertThat(new TextPattern(pattern, WORK).withoutPrefix(text, true))
        .isEqualTo(ends.isEmpty() ? text : text.substring(ends.getLast()));
  }

  @Property
  void suffixesAreTheShortestAndTheLongestThatMatch(
      @ForAll @Chars({'a', 'b', '*', '?', '\\'}) @StringLength(max = 6) String pattern,
      @ForAll @Chars({'a', 'b', '*'}) @StringLength(max = 8) String text) {
    List<Integer> begins =
        IntStream.rangeClosed(0, text.length())
            .filter(begin -> matches(pattern, text.substring(begin)))
            .boxed()
            .toList();

    assertThat(new TextPattern(pattern, WORK).withoutSuffix(text, false))
        .isEqualTo(begins.isEmpty() ? text : text.substring(0, begins.getLast()));
    assertThat(new TextPattern(pattern, WORK).withoutSuffix(text, true))
        .isEqualTo(begins.isEmpty() ? text : text.substring(0, begins.getFirst()));
  }

  @Property
  void aPlainPatternIsReplacedAsEverywhere(
      @ForAll @Chars({'a', 'b'}) @StringLength(min = 1, max = 3) String pattern,
      @ForAll @Chars({'a', 'b', 'c'}) String text,
      @ForAll @Chars({'a', 'x'}) @StringLength(max = 3) String replacement) {
    assertThat(
            new TextPattern(pattern, WORK)
                .replaced(text, replacement, true, Template.MOST_CHARACTERS))
        .isEqualTo(text.replace(pattern, replacement));
    assertThat(
            new TextPattern(pattern, WORK)
                .replaced(text, replacement, false, Template.MOST_CHARACTERS))
        .isEqualTo(
            Pattern.compile(pattern, Pattern.LITERAL).matcher(text).replaceFirst(replacement));
  }

  private static boolean matches(String pattern, String text) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      if (c == '\\' && i + 1 < pattern.length()) {
        regex.append(Pattern.quote(pattern.substring(++i, i + 1)));
      } else {
        regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote("" + c));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
  }
}
