package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.BuildStep;
import dev.slipway.model.BuildStep.Unpack;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyReaderTest {
  @Test
  void readsOwnersModesAndArchives() {
    assertThat(
            steps(
                "COPY --chown=$U:g --chmod=755 a /b",
                "COPY --chmod=u=rwX,go= a /b",
                "COPY --chmod=$MODE a /b",
                "ADD x.tar.gz /c",
                "ADD --unpack=false x.tar.gz /c",
                "ADD https://x.example/y-$V.tar.gz /c",
                "ADD --unpack https://x.example/y.tar.gz /c"))
        .containsExactly(
            copy("a", "/b", "${U}:g", "755", Unpack.NONE),
            copy("a", "/b", "", "u=rwX,go=", Unpack.NONE),
            copy("a", "/b", "", "${MODE}", Unpack.NONE),
            copy("x.tar.gz", "/c", "", "", Unpack.LOCAL),
            copy("x.tar.gz", "/c", "", "", Unpack.NONE),
            copy("https://x.example/y-${V}.tar.gz", "/c", "", "", Unpack.LOCAL),
            copy("https://x.example/y.tar.gz", "/c", "", "", Unpack.ALL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "COPY a",
        "COPY a b c",
        "COPY --frm=x a b",
        "COPY --chmod=999 a /b",
        "COPY --chmod=u+y a /b",
        "COPY --chmod=u a /b",
        "COPY --chmod= a /b",
        "ADD --chmod=u+x,,g+x a /b",
        "COPY <<EOF /x",
        "ADD a",
        "ADD --checksum=sha256:12 http://x/y /z",
        "ADD --checksum=md5:12 http://x/y /z",
        "ADD --checksum=sha256:$SUM a /z",
        "ADD --checksum=sha256:$SUM http://x/y http://x/z /z/",
        "ADD http://x/y http://x/z /z",
        "COPY --checksum=sha256:$SUM a /z",
        "COPY http://x/y /z",
        "COPY http://x/y a /z/"
      })
  void refusesMalformedLinesWithNumberAndLine(String line) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageStartingWith("line 2 of the image's recipe, '" + line + "': ");
  }

  @Test
  void readsFilesOfTheWebAmongOthers() {
    String sum = "sha256:" + "0a".repeat(32);
    assertThat(
            steps(
                "ADD http://x/y.tar a.tar $U /z/",
                "ADD --checksum=" + sum + " http://x/y /z",
                "ADD --checksum=sha256:${SUM} $U /z"))
        .containsExactly(
            new BuildStep.Copy(
                Optional.empty(),
                List.of("http://x/y.tar", "a.tar", "${U}"),
                List.of(),
                "/z/",
                "",
                "",
                Unpack.LOCAL),
            checked("http://x/y", sum),
            checked("${U}", "sha256:${SUM}"));
  }

  private static BuildStep checked(String source, String checksum) {
    return new BuildStep.Copy(
        Optional.empty(),
        Optional.empty(),
        List.of(source),
        List.of(),
        "/z",
        "",
        "",
        Unpack.LOCAL,
        checksum);
  }

  private static BuildStep copy(
      String source, String destination, String owner, String mode, Unpack unpack) {
    return new BuildStep.Copy(
        Optional.empty(), List.of(source), List.of(), destination, owner, mode, unpack);
  }

  private static List<BuildStep> steps(String... lines) {
    return parse(lines).steps().stream().map(RecipeStep::step).toList();
  }

  private static Recipe parse(String... lines) {
    return RecipeParser.parse(List.of("FROM base", String.join("\n", lines)), Map.of());
  }
}
