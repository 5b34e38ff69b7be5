package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.BuildStep;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;

class TemplateProperties {
  @Property
  void literalTextSurvivesWhateverItHolds(@ForAll String text) {
    assertThat(Template.expand(Template.literal(text), Map.of("a", "b"))).isEqualTo(text);
  }

  /// The client quotes values of `Image.env` as a shell would want them.
  @Property
  void valuesQuotedForAShellComeBack(
      @ForAll
          @Chars({'\'', '"', '$', '\\', ' ', '{', '}', ':', '-', '='})
          @CharRange(from = 'a', to = 'e')
          String value) {
    String quoted = "'" + value.replace("'", "'\"'\"'") + "'";
    BuildStep step =
        RecipeParser.parse(List.of("FROM base", "ENV KEY=" + quoted), Map.of())
            .steps()
            .getFirst()
            .step();

    assertThat(((BuildStep.Environment) step).variables())
        .hasEntrySatisfying(
            "KEY",
            template -> assertThat(Template.expand(template, Map.of("a", "x"))).isEqualTo(value));
  }
}
