package dev.slipway.images.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.SecretVariables;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CoveredProperties {
  private static final SecretVariables SECRETS =
      SecretVariables.of(
          Map.of(
              "TOKEN", "abababab",
              "LONGER", "ababababc",
              "LINES", "first line of it\n  second line of it\n",
              "SHORT", "ab"));

  @Property
  void whereTheTextIsCutMakesNoDifference(@ForAll("pieces") List<String> pieces) {
    String whole = String.join("", pieces);

    assertThat(covered(pieces)).isEqualTo(covered(List.of(whole)));
    assertThat(covered(pieces)).doesNotContain("abababab");
  }

  @Property
  void textWithoutAValueStaysAsItIs(@ForAll("harmless") List<String> pieces) {
    assertThat(covered(pieces)).isEqualTo(String.join("", pieces));
  }

  @Example
  void eachLineOfAValueIsCoveredAndTheLongerValueWins() {
    assertThat(covered(List.of("x abababab", "c y", " second line", " of it ab", "\n")))
        .isEqualTo("x [LONGER] y [LINES] ab\n");
    assertThat(covered(List.of("abababab"))).isEqualTo("[TOKEN]");
  }

  private static String covered(List<String> pieces) {
    Covered covered = new Covered(SECRETS);
    StringBuilder shown = new StringBuilder();
    pieces.forEach(piece -> shown.append(covered.add(piece)));
    return shown.append(covered.end()).toString();
  }

  @Provide
  Arbitrary<List<String>> pieces() {
    return Arbitraries.strings().withChars("abc").ofMaxLength(12).list().ofMaxSize(8);
  }

  @Provide
  Arbitrary<List<String>> harmless() {
    return Arbitraries.strings().withChars("ac").ofMaxLength(12).list().ofMaxSize(8);
  }
}
