package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// A user describes an image in all the ways that the client has.
@Story
@EveryClient
class ImageRecipesTest {
  private final ModalClient client;
  private final ClientRelease release;

  ImageRecipesTest(ClientRelease release, Installation installation) {
    this.release = release;
    client = installation.client(release);
  }

  @Test
  void aDockerfileOfSeveralStagesIsBuilt() {
    Run run = client.modal("run", "dockerfiles.py").succeeded();
    String flour = release == ClientRelease.OLDEST ? "wheat" : "rye";
    assertThat(run.out())
        .as("%s", run)
        .contains(
            "dough: kneaded from "
                + flour
                + " | a program in the recipe | mix | [shelf] mode=unset | 1000:1000 640"
                + " | LICENCE.txt a.txt kneaded packages program recipe.tar.gz | 1,234,567"
                + " | /opt/dough/packages | sour-dough in a bowl small lo, 600 | oven warm, user 0, in /opt/loft");
    assertThat(run.all()).doesNotContain("nobody needs this stage");
  }

  @Test
  void everyStepOfTheChainDoesWhatItSays() {
    Run run = client.modal("run", "image_chain.py").succeeded();
    assertThat(run.out())
        .as("%s", run)
        .contains(
            "chain: /srv/shop | /bin/bash | from a dockerfile command | it's \"$HOME\""
                + " | requirements.txt | pyproject.toml requirements.txt | True | True"
                + " | iniconfig humanize recipes_shelf six tabulate");
  }

  @Test
  void aFunctionRunsAsAStepAndWhatItLeftIsInTheImage() {
    String mark = UUID.randomUUID().toString();
    String key = "key-" + UUID.randomUUID();
    ModalClient marked = client.with("PROGRAM_MARK", mark).with("PROGRAM_VALUE", key);
    Run first = marked.modal("run", "build_functions.py").succeeded();
    assertThat(first.out()).as("%s", first).contains("bread: 2 spelt 3 " + mark + " ['bakery']");
    assertThat(first.all())
        .as("its words, streamed: %s", first)
        .contains("baking 2 loaves of spelt with [OVEN_KEY]")
        .doesNotContain(key);

    Run second = marked.modal("run", "build_functions.py").succeeded();
    assertThat(second.out()).contains("bread: 2 spelt 3 " + mark + " ['bakery']");
    assertThat(second.all()).as("%s", second).doesNotContain("baking 2 loaves");

    Run failed = marked.with("PROGRAM_LOAVES", "101").modal("run", "build_functions.py").failed();
    assertThat(failed.all()).as("%s", failed).contains("the oven is too small").doesNotContain(key);
    Run again = marked.with("PROGRAM_LOAVES", "101").modal("run", "build_functions.py").failed();
    assertThat(again.all()).as("what failed is called again: %s", again).contains("baking 101");

    Run endless =
        marked
            .with("PROGRAM_LOAVES", "3")
            .with("PROGRAM_TIMEOUT", "1")
            .modal("run", "build_functions.py")
            .failed();
    assertThat(endless.all().replaceAll("\\s+", " "))
        .as("%s", endless)
        .contains("baking 3 loaves", "ran for longer than the function's timeout of 1 s");

    int tooMany = Installation.LAYER_MIB + 1;
    Run stopped =
        marked.with("PROGRAM_LOAVES", "" + tooMany).modal("run", "build_functions.py").failed();
    assertThat(stopped.all().replaceAll("\\s+", " "))
        .as("%s", stopped)
        .contains("was stopped: its layer has", "and a layer may have");
  }

  @Test
  void aPythonIsAddedToImagesThatHaveNone() {
    Run run = client.modal("run", "added_pythons.py").succeeded();
    assertThat(run.out())
        .as("%s", run)
        .contains(
            "bare: 3.11 in /usr/local, 42 ['a-loaf', 'z.txt']",
            "debian: 3.11 in /usr/local, 42, six 1.16.0, set up with /usr/local/bin/python3");
  }

  @Test
  void packagesComeFromTheIndexesAndPagesOfLinksThatTheirRecipeNames() {
    Run run = client.modal("run", "package_sources.py").succeeded();
    String byPip = "1.0 2.0rc1 1.0";
    String byUv = release == ClientRelease.OLDEST ? "" : " " + byPip;
    assertThat(run.out().lines()).as("%s", run).contains("loaves: " + byPip + byUv);
  }

  @Test
  void wrongRecipesAreRefusedWithTheLine() {
    assertRefused("RNU x", "line 2 of the image's recipe, 'RNU x': there is no instruction RNU");
    assertRefused("COPY --from=0 /a /b", "there is no earlier stage 0");
    assertRefused(
        "FROM scratch AS one;COPY --from=two /a /b;FROM scratch AS two", "'two' comes later");
    assertRefused("RUN --mount=type=secret,id=x,required true", "no secret with a value 'x'");
    assertRefused("COPY --from=example.invalid/nothing /a /b", "example.invalid/nothing");
  }

  @Test
  void aStepThatForksWithoutEndFailsWithItsOwnError() {
    String forks =
        "all(__import__('os').fork() or __import__('time').sleep(600) for _ in range(100000))";
    assertRefused("RUN python3 -c \"" + forks + "\"", "Resource temporarily unavailable");
    assertRefused("RUN python3 -c \"raise SystemExit(7)\"", "exit code 7");
  }

  private void assertRefused(String lines, String sentence) {
    Run run = client.with("PROGRAM_LINES", lines).modal("run", "wrong_recipe.py").failed();
    assertThat(run.all().replaceAll("\\s+", " ")).as("%s", run).contains(sentence);
  }
}
