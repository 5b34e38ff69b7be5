package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '~',
      delimiter = '|',
      textBlock =
          """
          ENV A=plain                | plain
          ENV A='it'"'"'s $5 \\done'  | it's $5 \\done
          ENV A="two words"          | two words
          ENV A=two\\ words           | two words
          ENV A the rest of it       | the rest of it
          ENV A="$HOME/x"            | /root/x
          ENV A=$HOME/x:$PATH        | /root/x:/bin
          ENV A=${HOME}x             | /rootx
          ENV A=${NONE:-/a$HOME}     | /a/root
          ENV A=${NONE-b}${EMPTY-c}. | b.
          ENV A=${HOME:+set}         | set
          ENV A=x${NONE:+set}x       | xx
          ENV A=\\$HOME               | $HOME
          ENV A='${HOME}'            | ${HOME}
          ENV A="a\\b\\"c"             | a\\b"c
          ENV A=100$                 | 100$
          ENV A=${NONE:-"a }"}       | a }
          ENV A=${EMPTY+set}.        | set.
          ENV A=${EMPTY:+set}.       | .
          ENV A=${FILE#*.}           | b.tar.gz
          ENV A=${FILE##*.}          | gz
          ENV A=${FILE%.*}           | /x/a.b.tar
          ENV A=${FILE%%.*}          | /x/a
          ENV A=${FILE##*/}          | a.b.tar.gz
          ENV A=${FILE%/*}           | /x
          ENV A=${FILE#/?/}          | a.b.tar.gz
          ENV A=${FILE#none}         | /x/a.b.tar.gz
          ENV A=${FILE#"*."}         | /x/a.b.tar.gz
          ENV A=${FILE/./-}          | /x/a-b.tar.gz
          ENV A="${FILE//./-}"       | /x/a-b-tar-gz
          ENV A=${FILE//[/]/_}       | /x/a.b.tar.gz
          ENV A=${FILE//\\//_}        | _x_a.b.tar.gz
          ENV A=${FILE/.*/}          | /x/a
          ENV A=${FILE//?.?/$HOME}   | /x//root.ta/rootz
          ENV A=${STARS//\\*/-}       | a-b-
          ENV A="${STARS//'*'/-}"    | a-b-
          ENV A=${STARS/*/${NONE:-x}} | x
          ENV A=${HASH#\\##}          | tag
          ENV A=${FILE%$TAIL}        | /x/a.b
          ENV A=${NONE//a/b}.        | .
          """)
  void expandsVariablesAsShellsQuoteThem(String line, String expected) {
    Map<String, String> variables =
        Map.of(
            "HOME",
            "/root",
            "PATH",
            "/bin",
            "EMPTY",
            "",
            "FILE",
            "/x/a.b.tar.gz",
            "STARS",
            "a*b*",
            "HASH",
            "##tag",
            "TAIL",
            ".t*");
    BuildStep.Environment step = (BuildStep.Environment) step(line);

    assertThat(Template.expand(step.variables().getOrDefault("A", "(unset)"), variables))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ENV A='x",
        "ENV A=\"x",
        "ENV A=${B",
        "ENV A=${B:}",
        "ENV A=${}",
        "ENV A=${B:#x}",
        "ENV A=${B^}",
        "ENV A=${B#x",
        "ENV A=${B/x",
        "ENV A=${B/x}",
        "ENV A=${B/x/y"
      })
  void refusesOtherReferencesWithNumberAndLine(String line) {
    assertThatThrownBy(() -> step(line))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageStartingWith("line 2 of the image's recipe, '" + line + "': ");
  }

  @Test
  void aVariableThatMustBeThereIsNamedWithTheReason() {
    String template = step("ENV A=\"${TOKEN:?give one}\"").variables().getOrDefault("A", "");

    assertThat(Template.expand(template, Map.of("TOKEN", "x"))).isEqualTo("x");
    for (Map<String, String> without : List.of(Map.<String, String>of(), Map.of("TOKEN", ""))) {
      assertThatThrownBy(() -> Template.expand(template, without))
          .hasMessage("variable TOKEN is not set: give one");
    }
    assertThat(
            Template.expand(
                step("ENV A=${TOKEN?x}").variables().getOrDefault("A", ""), Map.of("TOKEN", "")))
        .isEmpty();
  }

  @Test
  void whatGrowsWithoutEndIsRefused() {
    Map<String, String> variables = Map.of("A", "a".repeat(100_000));
    assertThatThrownBy(() -> Template.expand("${A}".repeat(42), variables))
        .hasMessageContaining("4,194,304 characters");
    assertThatThrownBy(() -> Template.expand("${A//a/${A}}", variables))
        .hasMessageContaining("4,194,304 characters");
    assertThatThrownBy(() -> Template.expand("${A//*b/c}", variables))
        .hasMessageContaining("takes too long");
    assertThatThrownBy(() -> Template.expand("${A:+".repeat(51) + "}".repeat(51), variables))
        .hasMessageContaining("at most 50 references");
    assertThatThrownBy(() -> step("ENV A=" + "${A:-".repeat(100_000) + "}".repeat(100_000)))
        .hasMessageContaining("at most 50 references");
  }

  private static BuildStep.Environment step(String line) {
    return (BuildStep.Environment)
        RecipeParser.parse(List.of("FROM base", line), Map.of()).steps().getFirst().step();
  }
}
