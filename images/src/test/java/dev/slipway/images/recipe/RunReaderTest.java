package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.RunMount;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunReaderTest {
  private static final RunMount.Access CACHE = new RunMount.Access(0, 0, 0755);
  private static final RunMount.Access SECRET = new RunMount.Access(0, 0, 0400);

  @Test
  void readsCaches() {
    assertThat(
            mounts(
                "type=cache,target=/a,uid=5,gid=6,mode=0700,sharing=locked",
                "type=cache,dst=/b,id=x-$V,sharing=private",
                "type=cache,destination=/c,ro",
                "type=cache,target=/d,readonly=false",
                "type=cache,target=/e,readwrite",
                "type=cache,target=/f,rw=false"))
        .containsExactly(
            new RunMount.Cache("/a", "/a", true, new RunMount.Access(5, 6, 0700), false),
            new RunMount.Cache("x-${V}", "/b", true, CACHE, false),
            new RunMount.Cache("/c", "/c", false, CACHE, true),
            new RunMount.Cache("/d", "/d", false, CACHE, false),
            new RunMount.Cache("/e", "/e", false, CACHE, false),
            new RunMount.Cache("/f", "/f", false, CACHE, true));
  }

  @Test
  void readsBindsAndTemporaryDirectories() {
    assertThat(
            mounts(
                "target=/a",
                "type=bind,src=d,dst=/d,rw",
                "type=bind,source=e,target=/e,readwrite",
                "source=f,target=/f,readonly=false",
                "type=tmpfs,target=/t",
                "type=tmpfs,target=/u,size=64m",
                "type=tmpfs,target=/v,size=1GiB",
                "type=tmpfs,target=/w,size=4096"))
        .containsExactly(
            new RunMount.Bind(Optional.empty(), "/", "/a", false),
            new RunMount.Bind(Optional.empty(), "d", "/d", true),
            new RunMount.Bind(Optional.empty(), "e", "/e", true),
            new RunMount.Bind(Optional.empty(), "f", "/f", true),
            new RunMount.Temporary("/t", 0),
            new RunMount.Temporary("/u", 64 << 20),
            new RunMount.Temporary("/v", 1 << 30),
            new RunMount.Temporary("/w", 4096));
  }

  @Test
  void readsSecrets() {
    assertThat(
            mounts(
                "type=secret,id=t,required",
                "type=secret,id=u,env=U",
                "type=secret,source=v,target=w,uid=7,mode=0440",
                "type=secret,target=/etc/x,required=false"))
        .containsExactly(
            new RunMount.Secret("t", "/run/secrets/t", "", true, SECRET),
            new RunMount.Secret("u", "", "U", false, SECRET),
            new RunMount.Secret("v", "/run/secrets/w", "", false, new RunMount.Access(7, 0, 0440)),
            new RunMount.Secret("x", "/etc/x", "", false, SECRET));
  }

  @Test
  void numbersAndChoicesMayReferToVariables() {
    String[] recipe = {
      "FROM base",
      "ARG U=12",
      "ENV G=34 M=0750 S=locked NO=false KEY=TOKEN SIZE=64m",
      "WORKDIR /w",
      "RUN --mount=type=cache,target=/$KEY,id=a-$U,uid=$U,gid=${G},mode=$M,sharing=$S,ro=$NO"
          + " --mount=type=cache,target=c,uid=${NONE:-7}"
          + " --mount=type=secret,id=$KEY,env=X_$KEY,required=$NO,uid=$U"
          + " --mount=type=secret,source=$KEY,target=etc/$KEY"
          + " --mount=type=secret,id=a\\$b"
          + " --mount=type=secret,target=/etc/$KEY"
          + " --mount=type=tmpfs,target=/t,size=$SIZE x"
    };

    assertThat(resolved(recipe).mounts())
        .containsExactly(
            new RunMount.Cache("a-12", "/TOKEN", true, new RunMount.Access(12, 34, 0750), false),
            new RunMount.Cache("c", "/w/c", false, new RunMount.Access(7, 0, 0755), false),
            new RunMount.Secret("TOKEN", "", "X_TOKEN", false, new RunMount.Access(12, 0, 0400)),
            new RunMount.Secret("TOKEN", "/run/secrets/etc/TOKEN", "", false, SECRET),
            new RunMount.Secret("a$b", "/run/secrets/a$b", "", false, SECRET),
            new RunMount.Secret("TOKEN", "/etc/TOKEN", "", false, SECRET),
            new RunMount.Temporary("/t", 64 << 20));
  }

  @Test
  void aVariableWithAWrongValueIsToldWithTheLine() {
    Map<String, String> wrong =
        Map.of(
            "type=cache,target=/x,uid=$NONE", "'' of uid is no number from 0 to ",
            "type=cache,target=/x,gid=$W", "'words' of gid is no number from 0 to ",
            "type=secret,id=x,mode=$W", "'words' of mode is no octal number up to 7777",
            "type=cache,target=/x,sharing=$W", "'words' is no sharing",
            "type=cache,target=/x,ro=$W", "'words' of readonly is neither true nor false",
            "type=tmpfs,target=/x,size=$W", "'words' of size is no such number",
            "type=secret,id=$NONE", "a mount of type secret names the secret's value",
            "type=secret,id=/$W", "a mount of type secret names the secret's value");
    wrong.forEach((mount, reason) -> {
      String line = "RUN --mount=" + mount + " y";
      assertThatThrownBy(() -> resolved("FROM base", "ARG W=words", line))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageStartingWith("line 3 of the image's recipe, '" + line + "': " + reason);
    });
  }

  /// The last step, once its variables are replaced.
  private static BuildStep.Run resolved(String... recipe) {
    RecipeState state = RecipeState.of(ImageConfig.empty());
    BuildStep last = new BuildStep.Note("");
    for (RecipeStep step : parse(recipe).steps()) {
      last = state.resolve(step.step());
      state = state.with(last);
    }
    return (BuildStep.Run) last;
  }

  @Test
  void readsWhetherACommandHasTheNetwork() {
    assertThat(run("--network=none").online()).isFalse();
    assertThat(run("--network=default --security=sandbox").online()).isTrue();
    assertThat(run("").online()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RUN",
        "RUN []",
        "RUN --mount=type=cache x",
        "RUN --mount=type=what,target=/x y",
        "RUN --mount=type=secret y",
        "RUN --mount=type=cache,target=/x,mode=9 y",
        "RUN --mount=type=cache,target=/x,uid=-1 y",
        "RUN --mount=type=cache,target=/x,uid=2147483646 y",
        "RUN --mount=type=cache,target=/x,sharing=all y",
        "RUN --mount=type=cache,target=/x,ro=maybe y",
        "RUN --mount=type=cache,target=/x,colour=red y",
        "RUN --mount=type=cache,target=/x,size=1g y",
        "RUN --mount=type=bind,target=/x,uid=1 y",
        "RUN --mount=type=tmpfs,target=/x,ro y",
        "RUN --mount=type=tmpfs,target=/x,size=much y",
        "RUN --mount=type=tmpfs,target=/x,size=0 y",
        "RUN --mount=type=tmpfs,target=/x,size=2t y",
        "RUN --mount=type=secret,id=x,from=y z",
        "RUN --mount=target=/x,from=$Y z",
        "RUN --mount=target=/x,ro=$Y z",
        "RUN --network=some y",
        "RUN cat <<EOF"
      })
  void refusesMalformedLinesWithNumberAndLine(String line) {
    assertThatThrownBy(() -> parse("FROM base", line))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageStartingWith("line 2 of the image's recipe, '" + line + "': ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RUN --mount=type=ssh y",
        "RUN --mount=type=$T,target=/x y",
        "RUN --mount=type=cache,target=/x,from=base y",
        "RUN --mount=type=cache,target=/x,source=/y z",
        "RUN --device=x y",
        "RUN --network=host y",
        "RUN --security=insecure y"
      })
  void refusesWhatOnlyOtherBuildersDo(String line) {
    assertThatThrownBy(() -> parse("FROM base", line))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
        .hasMessageStartingWith("line 2 of the image's recipe, '" + line + "': ");
  }

  private static List<RunMount> mounts(String... values) {
    return run("--mount=" + String.join(" --mount=", values)).mounts();
  }

  private static BuildStep.Run run(String flags) {
    return (BuildStep.Run) parse("FROM base", "RUN " + flags + " x").steps().getFirst().step();
  }

  private static Recipe parse(String... lines) {
    return RecipeParser.parse(List.of(lines), Map.of());
  }
}
