package dev.slipway.images.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.BuildStep;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoteReaderTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "LABEL a=b",
        "EXPOSE 80",
        "VOLUME /data",
        "LABEL a b c",
        "EXPOSE 80/udp 8000-8010 $PORT",
        "HEALTHCHECK NONE",
        "HEALTHCHECK --interval=5s --retries=3 CMD curl localhost",
        "STOPSIGNAL SIGINT",
        "MAINTAINER me"
      })
  void notesWhatChangesNothing(String line) {
    BuildStep step =
        RecipeParser.parse(List.of("FROM base", line), Map.of()).steps().getFirst().step();

    assertThat(step).isInstanceOf(BuildStep.Note.class);
    assertThat(((BuildStep.Note) step).sentence())
        .startsWith(line.split(" ", 2)[0] + " is ignored");
  }
}
