package dev.slipway.model;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ShownProperties {
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("a", "ü", "…", "🐍")
        .list()
        .ofMaxSize(12)
        .map(all -> String.join("", all));
  }

  @Property
  void aTextThatFitsIsShownAsItIsAndOfALongerOneTheBeginningInWholeCharacters(
      @ForAll("texts") String text, @ForAll @IntRange(max = 12) int most) {
    String shown = Shown.atMost(text, most);

    if (text.length() <= most) {
      assertThat(shown).isEqualTo(text);
    } else {
      String beginning = shown.substring(0, shown.length() - 1);
      assertThat(shown).endsWith("…");
      assertThat(text).startsWith(beginning);
      assertThat(beginning.length()).isBetween(most - 1, most);
      assertThat(beginning.codePoints()).noneMatch(ShownProperties::isHalf);
    }
  }

  private static boolean isHalf(int character) {
    return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
  }

  @Example
  void asManyCharactersAsMayBeAreShown() {
    assertThat(Shown.atMost("abcd", 3)).isEqualTo("abc…");
    assertThat(Shown.atMost("ab🐍d", 3)).isEqualTo("ab…");
    assertThat(Shown.atMost("ab🐍d", 4)).isEqualTo("ab🐍…");
  }
}
