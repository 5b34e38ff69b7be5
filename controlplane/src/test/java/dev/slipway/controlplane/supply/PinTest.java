package dev.slipway.controlplane.supply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PinTest {
  private static final String FILE =
      """
      # pinned
      alpha==1.2.3
      beta==2.0 ; python_version < "3.14"
      beta==3.0 ; python_version >= "3.14"   # newer
      async-gamma==5.0.1; python_version < '3.11' and python_version != '3.9'

      """;

  @Test
  void conditionsChooseByPython() {
    assertThat(pins("3.9")).containsExactly("alpha==1.2.3", "beta==2.0");
    assertThat(pins("3.10")).containsExactly("alpha==1.2.3", "beta==2.0", "async-gamma==5.0.1");
    assertThat(pins("3.11")).containsExactly("alpha==1.2.3", "beta==2.0");
    assertThat(pins("3.14")).containsExactly("alpha==1.2.3", "beta==3.0");
  }

  @Test
  void linesThatCannotBeReadAreRefused() {
    for (String line :
        List.of(
            "alpha>=1",
            "-r other.txt",
            "alpha==1 ; sys_platform == \"linux\"",
            "alpha==1 --hash=sha256:00")) {
      assertThatThrownBy(() -> Pin.parseFile(line, PythonVersion.parse("3.11")))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining("cannot read");
    }
  }

  @Test
  void projectsAreTheSameInEverySpelling() {
    Pin pin = new Pin("typing_extensions", "4.13.2");

    assertThat(pin.isOf("Typing-Extensions")).isTrue();
    assertThat(pin.isOf("typing.extensions")).isTrue();
    assertThat(pin.isOf("typing-extension")).isFalse();
  }

  @Test
  void nearestReleaseIsTheNextElseTheLast() {
    List<String> releases =
        List.of("2025.1.1", "2026.10.19.post1", "2026.10.20", "2026.11.1rc1", "odd");

    assertThat(Releases.nearest("2026.10.19", releases)).contains("2026.10.19.post1");
    assertThat(Releases.nearest("2026.10.20", releases)).contains("2026.10.20");
    assertThat(Releases.nearest("2026.10.20.0", releases)).contains("2026.10.20");
    assertThat(Releases.nearest("2027.1", releases)).contains("2026.10.20");
    assertThat(Releases.nearest("1.9", List.of("1.10", "1.8"))).contains("1.10");
    assertThat(Releases.nearest("1.9", List.of("none"))).isEqualTo(Optional.empty());
  }

  private static List<String> pins(String python) {
    return Pin.parseFile(FILE, PythonVersion.parse(python)).stream().map(Pin::toString).toList();
  }
}
