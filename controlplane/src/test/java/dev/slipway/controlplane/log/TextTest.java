package dev.slipway.controlplane.log;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TextTest {
  @Test
  void everyLineIsAPieceAndSoIsTheUnfinishedOne() {
    assertThat(Text.pieces("one\n\ntwo\r\nhal")).containsExactly("one\n", "\n", "two\r\n", "hal");
    assertThat(Text.pieces("")).isEmpty();
  }

  @Test
  void nulIsShownAsAReplacement() {
    assertThat(Text.pieces("a\0b\n")).containsExactly("a\uFFFDb\n");
  }

  @Test
  void longLinesAreCutBetweenCharacters() {
    String line = "a" + "😀".repeat(Text.MAX_PIECE_LENGTH) + "\n";

    assertThat(String.join("", Text.pieces(line))).isEqualTo(line);
    assertThat(Text.pieces(line))
        .hasSize(3)
        .allSatisfy(piece -> {
          assertThat(piece.length()).isLessThanOrEqualTo(Text.MAX_PIECE_LENGTH);
          assertThat(Character.isLowSurrogate(piece.charAt(0))).isFalse();
        });
  }
}
