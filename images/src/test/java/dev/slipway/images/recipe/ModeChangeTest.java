package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.ModeChange;
import dev.slipway.model.SlipwayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModeChangeTest {
  /// What chmod of a Linux machine makes of them with the umask 022.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          755        | 0644 | 0755
          0644       | 0755 | 0644
          4755       | 0644 | 4755
          7          | 0644 | 0007
          u+x        | 0644 | 0744
          go=rX      | 0600 | 0644
          go=rX      | 0700 | 0755
          u=rwX,go-w | 0466 | 0644
          +x         | 0644 | 0755
          +w         | 0444 | 0644
          a+w        | 0444 | 0666
          g=u        | 0640 | 0660
          o=g-w      | 0660 | 0664
          u+s,g+s    | 0755 | 6755
          +t         | 0755 | 1755
          a=,u+r     | 0777 | 0400
          =          | 0755 | 0000
          """)
  void changesPermissionsOfFilesAsChmodDoes(String text, String before, String after) {
    assertThat(Integer.toOctalString(new ModeChange(text).apply(octal(before), false)))
        .isEqualTo(Integer.toOctalString(octal(after)));
  }

  @Test
  void directoriesCanBeEnteredAndKeepWhatIsNotNamed() {
    assertThat(new ModeChange("u=rwX,go=rX").apply(0600, true)).isEqualTo(0755);
    assertThat(new ModeChange("g=rx").apply(02700, true)).isEqualTo(02750);
    assertThat(new ModeChange("g-s").apply(02750, true)).isEqualTo(0750);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "888", "u", "u+y", "x+u", "+x,", ",+x", "u+x g+x", "u=ug", "-1", "00755x"})
  void refusesOtherTexts(String text) {
    assertThatThrownBy(() -> new ModeChange(text))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("--chmod=" + text + ":")
        .hasMessageContaining("u=rwX,go-w");
  }

  private static int octal(String text) {
    return Integer.parseInt(text, 8);
  }
}
