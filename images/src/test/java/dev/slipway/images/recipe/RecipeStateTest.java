package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ImageConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecipeStateTest {
  private static final ImageConfig BASE =
      ImageConfig.empty()
          .withEnvironment(Map.of("PATH", "/usr/bin", "LANG", "C"))
          .withCommand(List.of("python3"));

  private final List<BuildStep> resolved = new ArrayList<>();

  @Test
  void addsVariablesToThoseOfTheBase() {
    RecipeState end = follow(BASE, "ENV PATH=/venv/bin:$PATH OLD=$PATH", "ENV PATH=/x:$PATH");

    assertThat(end.config().environment())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("PATH", "/x:/venv/bin:/usr/bin", "OLD", "/usr/bin", "LANG", "C"));
  }

  @Test
  void showsBuildArgumentsToStepsBelowVariablesAndKeepsThemOutOfTheImage() {
    RecipeState end = follow(BASE, "ARG LANG=de", "ARG DIR=/a", "WORKDIR $DIR/$LANG");

    assertThat(end.workingDirectory()).isEqualTo("/a/C");
    assertThat(end.environment()).containsEntry("DIR", "/a").containsEntry("LANG", "C");
    assertThat(end.config().environment()).doesNotContainKey("DIR");
  }

  @Test
  void resolvesPathsAgainstTheWorkingDirectory() {
    RecipeState end =
        follow(
            BASE,
            "COPY a b",
            "WORKDIR app",
            "WORKDIR ../srv/./x",
            "COPY a .",
            "COPY a ../",
            "COPY a /b/..");

    assertThat(end.config().workingDirectory()).isEqualTo("/srv/x");
    assertThat(resolved)
        .filteredOn(BuildStep.Copy.class::isInstance)
        .extracting(step -> ((BuildStep.Copy) step).destination())
        .containsExactly("/b", "/srv/x/", "/srv/", "/");
  }

  @Test
  void runsShellFormsByTheShellOfTheMoment() {
    RecipeState end =
        follow(BASE, "RUN a", "SHELL [\"/bin/bash\", \"-ec\"]", "RUN b", "CMD c d", "ENTRYPOINT e");

    assertThat(resolved)
        .contains(
            new BuildStep.Run(List.of("/bin/sh", "-c", "a"), false),
            new BuildStep.Run(List.of("/bin/bash", "-ec", "b"), false));
    assertThat(end.config().command()).containsExactly("/bin/bash", "-ec", "c d");
    assertThat(end.config().entrypoint()).containsExactly("/bin/bash", "-ec", "e");
  }

  @Test
  void dropsAnInheritedCommandWithANewEntrypoint() {
    assertThat(follow(BASE, "ENTRYPOINT [\"x\"]").config().command()).isEmpty();
    assertThat(follow(BASE, "CMD [\"y\"]", "ENTRYPOINT [\"x\"]").config().command())
        .containsExactly("y");
  }

  @Test
  void setsUsers() {
    assertThat(follow(BASE, "ENV WHO=me", "USER $WHO").config().user()).isEqualTo("me");
  }

  private RecipeState follow(ImageConfig base, String... lines) {
    List<String> all = new ArrayList<>(List.of("FROM base"));
    all.addAll(List.of(lines));
    RecipeState state = RecipeState.of(base);
    for (RecipeStep step : RecipeParser.parse(all, Map.of()).steps()) {
      BuildStep next = state.resolve(step.step());
      resolved.add(next);
      state = state.with(next);
    }
    return state;
  }
}
