package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.RunMount;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeParserTest {
  @Test
  void readsWhatTheClientSendsForDebianSlim() {
    Recipe recipe =
        parse(
            "FROM python:3.11.10-slim-bookworm",
            "COPY /modal_requirements.txt /modal_requirements.txt",
            "RUN apt-get update",
            "RUN echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections",
            "CMD [\"sleep\", \"172800\"]");

    assertThat(recipe.image().start()).isEqualTo(image("python:3.11.10-slim-bookworm"));
    assertThat(steps(recipe))
        .containsExactly(
            new BuildStep.Copy(List.of("/modal_requirements.txt"), "/modal_requirements.txt"),
            shell("apt-get update"),
            shell("echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections"),
            new BuildStep.Command(List.of("sleep", "172800"), false));
    assertThat(recipe.steps().get(2).number()).isEqualTo(3);
    assertThat(recipe.steps().get(1).source()).isEqualTo("RUN apt-get update");
  }

  @Test
  void joinsContinuedLinesAcrossEntriesCommentsAndEmptyLines() {
    Recipe recipe =
        parse(
            "# syntax=docker/dockerfile:1",
            "FROM base",
            "RUN a && \\",
            "# why",
            "",
            "  b && \\  ",
            "c",
            "");

    assertThat(steps(recipe)).containsExactly(shell("a &&   b && c"));
  }

  @Test
  void acceptsSeveralLinesInOneEntryAndCarriageReturns() {
    assertThat(steps(parse("from base\r\nrun one\r\nRun two\r\n")))
        .containsExactly(shell("one"), shell("two"));
  }

  @Test
  void heedsTheEscapeDirective() {
    Recipe recipe = parse("# escape=`", "FROM base", "RUN a `", "b \\", "ENV P=C:\\dir");

    assertThat(steps(recipe))
        .containsExactly(shell("a b \\"), new BuildStep.Environment(Map.of("P", "C:\\\\dir")));
  }

  @Test
  void tellsExecFormFromShellForm() {
    assertThat(
            steps(
                parse(
                    "FROM base",
                    "RUN [\"a\", \"b c\"]",
                    "RUN [ -f x ] || y",
                    "CMD python x.py",
                    "ENTRYPOINT []",
                    "SHELL [\"/bin/bash\", \"-c\"]")))
        .containsExactly(
            new BuildStep.Run(List.of("a", "b c"), false),
            shell("[ -f x ] || y"),
            new BuildStep.Command(List.of("python x.py"), true),
            new BuildStep.Entrypoint(List.of(), false),
            new BuildStep.Shell(List.of("/bin/bash", "-c")));
  }

  @Test
  void setsSeveralVariablesWithOneLine() {
    assertThat(steps(parse("FROM base", "ENV A=1 \\", "  B=\"2 3\" C=")))
        .containsExactly(new BuildStep.Environment(Map.of("A", "1", "B", "2 3", "C", "")));
  }

  @Test
  void givesArgumentsTheirBuildValuesAndKeepsThemApartFromTheImage() {
    Recipe recipe =
        RecipeParser.parse(
            List.of(
                "ARG TAG=3.10 OTHER=o",
                "FROM python:${TAG}-slim",
                "ARG TAG",
                "ARG OTHER",
                "ARG PRICE=\"$5\"",
                "ARG UNKNOWN"),
            Map.of("TAG", "3.12", "PRICE", "$9"));

    assertThat(recipe.image().start()).isEqualTo(image("python:3.12-slim"));
    assertThat(steps(recipe))
        .containsExactly(
            new BuildStep.Arguments(Map.of("TAG", "3.12")),
            new BuildStep.Arguments(Map.of("OTHER", "o")),
            new BuildStep.Arguments(Map.of("PRICE", "\\$9")),
            new BuildStep.Arguments(Map.of()));
  }

  @Test
  void readsCopies() {
    assertThat(
            steps(
                parse(
                    "FROM base",
                    "COPY . /",
                    "COPY --link a*.txt b?/ /dir/",
                    "COPY [\"a b\", \"/c d\"]",
                    "COPY a b .",
                    "COPY \"x y\" $DIR")))
        .containsExactly(
            new BuildStep.Copy(List.of("."), "/"),
            new BuildStep.Copy(List.of("a*.txt", "b?/"), "/dir/"),
            new BuildStep.Copy(List.of("a b"), "/c d"),
            new BuildStep.Copy(List.of("a", "b"), "."),
            new BuildStep.Copy(List.of("x y"), "${DIR}"));
  }

  @Test
  void readsDirectoriesAndUsers() {
    assertThat(steps(parse("FROM scratch AS only", "WORKDIR '/a b'", "USER ${WHO:-1000}:1000")))
        .containsExactly(
            new BuildStep.WorkingDirectory("/a b"), new BuildStep.User("${WHO:-1000}:1000"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "FRON python",
        "RUN",
        "RUN []",
        "ENV",
        "ENV A",
        "ENV A=1 B",
        "ENV A='x",
        "ENV A=\"x",
        "ENV A=${B",
        "ENV A=${B:}",
        "ENV A=${}",
        "ENV =x",
        "COPY a",
        "COPY a b c",
        "WORKDIR",
        "USER",
        "SHELL /bin/sh",
        "SHELL []",
        "ARG",
        "ARG A\"=x",
        "LABEL",
        "LABEL a",
        "LABEL a=b c",
        "EXPOSE http",
        "EXPOSE /tcp",
        "HEALTHCHECK curl localhost",
        "HEALTHCHECK CMD",
        "HEALTHCHECK --every=5s NONE",
        "COPY --frm=x a b",
        "COPY --from=a --from=b c d",
        "COPY --from=1 a b",
        "COPY --from=0 a b",
        "COPY --from=$X a b",
        "COPY <<EOF /x",
        "ADD a",
        "COPY http://x/y /z",
        "RUN --mount=type=cache x",
        "RUN --mount=type=what,target=/x y",
        "RUN --mount=type=secret y",
        "RUN --mount=type=cache,target=/x,mode=9 y",
        "RUN --mount=type=cache,target=/x,colour=red y",
        "RUN --network=some y",
        "RUN cat <<EOF",
        "FROM a b c",
        "FROM x AS 1"
      })
  void refusesMalformedLinesWithNumberAndLine(String line) {
    assertThatThrownBy(() -> parse("# first", "FROM base", line))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageStartingWith("line 3 of the image's recipe, '" + line + "': ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ADD ssh://x/y /z",
        "ADD git@github.com:x/y.git /y",
        "ADD https://x.example/y.git /y",
        "ADD https://x.example/y.git#v1:docs /y",
        "ONBUILD RUN x",
        "COPY --parents a /b",
        "RUN --mount=type=ssh y",
        "RUN --network=host y",
        "RUN --security=insecure y",
        "FROM --platform=linux/arm64 x"
      })
  void refusesWhatItCannotDoYetWithNumberAndLine(String line) {
    assertThatThrownBy(() -> parse("FROM base", line))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
        .hasMessageStartingWith("line 2 of the image's recipe, '" + line + "': ");
  }

  @Test
  void refusesRecipesWithoutBeginning() {
    assertThatThrownBy(() -> parse("# nothing")).hasMessageContaining("no FROM line");
    assertThatThrownBy(() -> parse("RUN x", "FROM base"))
        .hasMessageContaining("line 1")
        .hasMessageContaining("before the first FROM");
    assertThatThrownBy(() -> parse("FROM --platform=linux/arm64 x"))
        .hasMessageContaining("linux/arm64");
    assertThatThrownBy(() -> parse("FROM ${NONE}")).hasMessageContaining("empty");
  }

  @Test
  void readsStagesAndLeavesOutWhatTheImageDoesNotNeed() {
    Recipe recipe =
        parse(
            "FROM golang:1 AS build",
            "RUN make",
            "FROM debian AS unused",
            "RUN waste",
            "FROM build AS Tested",
            "RUN test",
            "FROM scratch",
            "COPY --from=tested /a /b",
            "COPY --from=0 /c /d",
            "COPY --from=alpine:3 /e /f",
            "RUN --mount=from=build,target=/g h");

    assertThat(recipe.stages())
        .extracting(Recipe.Stage::name)
        .containsExactly("build", "tested", "alpine:3", "stage 4");
    assertThat(recipe.stages().get(1).start()).isEqualTo(new Recipe.Start.Earlier(0));
    assertThat(recipe.stages().get(2))
        .isEqualTo(new Recipe.Stage("alpine:3", image("alpine:3"), List.of()));
    assertThat(recipe.image().start()).isEqualTo(image("scratch"));
    assertThat(recipe.steps()).extracting(RecipeStep::number).containsExactly(3, 4, 5, 6);
    assertThat(steps(recipe))
        .extracting(step -> References.of(step).toList())
        .containsExactly(List.of(1), List.of(0), List.of(2), List.of(0));
  }

  @Test
  void refusesStagesThatReferToThemselvesOrToLaterOnes() {
    assertThatThrownBy(() -> parse("FROM a AS b", "COPY --from=b x y"))
        .hasMessageContaining("line 2")
        .hasMessageContaining("refer to itself");
    assertThatThrownBy(() -> parse("FROM b AS a", "RUN x", "FROM a AS b"))
        .hasMessageContaining("line 1")
        .hasMessageContaining("comes later");
    assertThatThrownBy(() -> parse("FROM x AS a", "FROM y AS A"))
        .hasMessageContaining("line 2")
        .hasMessageContaining("already");
    assertThat(parse("FROM debian AS debian", "RUN x").image().start()).isEqualTo(image("debian"));
  }

  @Test
  void stagesSeeTheArgumentsOfTheirBaseAndThePlatform() {
    Recipe recipe =
        RecipeParser.parse(
            List.of(
                "ARG TARGETARCH",
                "FROM x:$TARGETARCH AS a",
                "ARG V=1",
                "FROM a",
                "ARG TARGETOS",
                "RUN y"),
            Map.of());

    assertThat(recipe.stages().getFirst().start()).isEqualTo(image("x:amd64"));
    assertThat(steps(recipe))
        .containsExactly(
            new BuildStep.Arguments(Map.of("V", "1")),
            new BuildStep.Arguments(Map.of("TARGETOS", "linux")),
            shell("y"));
  }

  @Test
  void readsTextsBehindInstructions() {
    Recipe recipe =
        parse(
            "FROM base",
            "RUN <<EOF",
            "set -e",
            "# no comment of the recipe",
            "echo \\",
            "  $HOME",
            "EOF",
            "RUN cat <<-'A' > /x && cat <<B",
            "\tone",
            "\tA",
            "two",
            "B",
            "RUN <<P",
            "#!/usr/bin/env python3",
            "print(1)",
            "P",
            "COPY <<one.txt <<\"two.txt\" rest /d/",
            "it's $HOME \\$ \\n",
            "one.txt",
            "$HOME",
            "two.txt",
            "RUN echo $((1<<3)) '<<EOF'");

    assertThat(steps(recipe))
        .containsExactly(
            shell("set -e\n# no comment of the recipe\necho \\\n  $HOME\n"),
            shell("cat <<-'A' > /x && cat <<B\none\nA\ntwo\nB\n"),
            new BuildStep.Run(
                List.of("/dev/pipes/P"),
                false,
                List.of(new RunMount.Script("/dev/pipes/P", "#!/usr/bin/env python3\nprint(1)\n")),
                true),
            new BuildStep.Copy(
                Optional.empty(),
                List.of("rest"),
                List.of(
                    new BuildStep.TextFile("one.txt", "it's ${HOME} \\$ \\\\n\n"),
                    new BuildStep.TextFile("two.txt", "\\$HOME\n")),
                "/d/",
                "",
                "",
                BuildStep.Unpack.NONE),
            shell("echo $((1<<3)) '<<EOF'"));
  }

  @Test
  void aByteOrderMarkInFrontIsDropped() {
    assertThat(parse("\uFEFFFROM base", "RUN x").image().start()).isEqualTo(image("base"));
    assertThat(steps(parse("\uFEFF# escape=`", "FROM base", "RUN a `", "b")))
        .containsExactly(shell("a b"));
  }

  private static Recipe.Start image(String name) {
    return new Recipe.Start.Image(name);
  }

  private static Recipe parse(String... lines) {
    return RecipeParser.parse(List.of(lines), Map.of());
  }

  private static List<BuildStep> steps(Recipe recipe) {
    return recipe.steps().stream().map(RecipeStep::step).toList();
  }

  private static BuildStep shell(String command) {
    return new BuildStep.Run(List.of(command), true);
  }
}
