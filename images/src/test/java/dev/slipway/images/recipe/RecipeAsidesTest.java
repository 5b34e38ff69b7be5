package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecipeAsidesTest {
  @Test
  void proxiesNeedNoArgument() {
    Map<String, String> arguments =
        Map.of("HTTP_PROXY", "http://p", "no_proxy", "x", "ALL_PROXY", "y", "Http_Proxy", "z");
    RecipeAsides asides = RecipeParser.asides(List.of("FROM base", "RUN x"), arguments);

    assertThat(asides.proxies())
        .isEqualTo(Map.of("HTTP_PROXY", "http://p", "no_proxy", "x", "ALL_PROXY", "y"));
    assertThat(asides.notes())
        .containsExactly("No ARG of the recipe uses the build argument 'Http_Proxy'.");
    assertThat(RecipeParser.parse(List.of("FROM base", "RUN x"), arguments))
        .isEqualTo(RecipeParser.parse(List.of("FROM base", "RUN x"), Map.of()));
  }

  @Test
  void buildArgumentsThatNothingUsesAreMentioned() {
    assertThat(
            RecipeParser.asides(
                    List.of("ARG TAG=1", "FROM x:$TAG", "ARG V", "RUN x"),
                    Map.of("TAG", "2", "V", "3", "W", "4", "B", "5"))
                .notes())
        .containsExactly("No ARG of the recipe uses the build arguments 'B', 'W'.");
    assertThat(RecipeParser.asides(List.of("FROM x"), Map.of()).notes()).isEmpty();
  }

  @Test
  void imagesThatMayBeMeantAsStagesAreExplained() {
    RecipeAsides asides =
        RecipeParser.asides(
            List.of(
                "FROM golang AS build",
                "FROM debian AS Test",
                "FROM biuld",
                "COPY --from=tset /a /b",
                "RUN --mount=from=build,target=/c d"),
            Map.of());

    assertThat(asides.ofImages())
        .containsEntry(
            "tset",
            "'tset' is no stage either: before line 4 of the recipe there are 'build', 'test'.")
        .containsEntry(
            "biuld",
            "'biuld' is no stage either: before line 3 of the recipe there are 'build', 'test'.")
        .doesNotContainKeys("golang", "build");
    assertThat(RecipeParser.asides(List.of("FROM a", "COPY --from=b /c /d"), Map.of()).ofImages())
        .containsOnly(
            Map.entry(
                "b",
                "'b' is no stage either: no stage with a name comes before line 2 of the recipe."));
  }
}
