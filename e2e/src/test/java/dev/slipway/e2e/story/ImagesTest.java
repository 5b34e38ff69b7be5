package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// A user describes images, sees them built, and sees them built only once.
@Story
class ImagesTest {
  private final Installation installation;

  ImagesTest(Installation installation) {
    this.installation = installation;
  }

  private ModalClient client(ClientRelease release) {
    return installation.client(release);
  }

  @Test
  void oneAppRunsOnThreePythonsAtTheSameTime() {
    Run run =
        client(ClientRelease.NEWEST)
            .with("PROGRAM_PYTHONS", "3.10 3.12 3.13")
            .modal("run", "pythons.py")
            .succeeded();
    assertThat(run.out()).as("%s", run).contains("answer: 3.12 between 3.10 hello and 3.13 hello");
  }

  @Test
  void theOldClientStillHasPython39BesideItsOwn() {
    Run run =
        client(ClientRelease.OLDEST)
            .with("PROGRAM_PYTHONS", "3.9 3.11")
            .modal("run", "pythons.py")
            .succeeded();
    assertThat(run.out()).as("%s", run).contains("answer: 3.11 between 3.9 hello and 3.11 hello");
  }

  @Test
  void theOldClientRunsOnPython39Itself() {
    Run run =
        client(ClientRelease.OLDEST_ON_PYTHON_39)
            .modal("run", "calls.py", "--width", "2")
            .succeeded();
    assertThat(run.out()).as("%s", run).contains("remote: 6 m²");
  }

  @Test
  void uvIsThereThoughItsImageCannotBePulled() {
    Run run = client(ClientRelease.NEWEST).modal("run", "uv_images.py").succeeded();
    assertThat(run.out())
        .as("%s", run)
        .contains("uv: 1,234,567", "locked: 7,654,321 in /.uv/.venv", "poetry: 2, six 1.16.0");
  }

  @Test
  void buildMethodsOfOldClientsRunAsStepsOfTheImage() {
    Run run = client(ClientRelease.OLDEST).modal("run", "build_methods.py").succeeded();
    assertThat(run.out()).as("%s", run).contains("built with its image: a stone oven");
  }

  @Test
  void imagesOfOlderAndNewerBuilderVersions() {
    // At the same time: while one waits for its packages, the other unpacks.
    try (ChildProcess older = startBuiltOn(ClientRelease.OLDEST, "2023.12", "3.9");
        ChildProcess newer = startBuiltOn(ClientRelease.NEWEST, "2026.10", "3.11")) {
      assertPrints(older, "built on: bullseye 3.9 1.16.0");
      assertPrints(newer, "built on: trixie 3.11 1.16.0");
    }
  }

  private ChildProcess startBuiltOn(ClientRelease client, String builderVersion, String python) {
    return client(client)
        .with("PROGRAM_PYTHON", python)
        .with("MODAL_IMAGE_BUILDER_VERSION", builderVersion)
        .startModal("run", "builder_version.py");
  }

  private static void assertPrints(ChildProcess program, String line) {
    Run run = ModalClient.finish(program, ModalClient.PATIENCE).succeeded();
    assertThat(run.out()).as("%s", run).contains(line);
  }

  @Test
  void imagesArePublishedUnderNamesAndFoundByThem() {
    String mark = UUID.randomUUID().toString();
    ModalClient client = client(ClientRelease.NEWEST).with("PROGRAM_MARK", mark);
    Run published = client.python("image_names.py").succeeded();
    String id = published.out().lines().toList().getLast().replace("published: ", "").strip();
    assertThat(id).as("%s", published).startsWith("im-");
    assertThat(published.out())
        .as("%s", published)
        .contains("about it: 3.11 humanize 4.9.0 in /srv");

    Run logs = client.modal("image", "logs", id).succeeded();
    assertThat(logs.all()).as("%s", logs).contains("Step 1/1 : RUN echo " + mark);
    Run all = client.modal("image", "logs", id, "--all").succeeded();
    assertThat(all.all().indexOf("pip install"))
        .as("the logs of the layers below come first: %s", all)
        .isBetween(0, all.all().indexOf("RUN echo " + mark));

    Run used = client.with("PROGRAM_IMAGE", id).modal("run", "named_image.py").succeeded();
    assertThat(used.out()).as("%s", used).contains("bread: " + mark + " | " + mark);
    Run listed = client.modal("image", "names", "list", "--json").succeeded();
    assertThat(listed.out()).as("%s", listed).contains("bakery:latest", "bakery:v1", id);
    Run history = client.modal("image", "names", "history", "bakery:v1", "--json").succeeded();
    assertThat(history.out()).as("%s", history).contains(id);

    client.modal("image", "names", "delete", "--yes", "bakery:v1").succeeded();
    Run gone = client.modal("image", "names", "history", "bakery:v1").failed();
    assertThat(gone.all()).as("%s", gone).contains("bakery:v1");
  }

  @Test
  void theNewestClientBuildsLayersStreamsTheirLogAndBuildsThemOnce() {
    buildsOnce(client(ClientRelease.NEWEST));
  }

  @Test
  void theOldestClientBuildsLayersStreamsTheirLogAndBuildsThemOnce() {
    buildsOnce(client(ClientRelease.OLDEST));
  }

  private static void buildsOnce(ModalClient anyClient) {
    // Never seen before, so that it is built even on kept data.
    String mark = UUID.randomUUID().toString();
    ModalClient client = anyClient.with("PROGRAM_MARK", mark);
    String expected = "inspected: 1,234,567 | " + mark + " | stone oven, 250°C";

    Run first = client.modal("run", "images.py").succeeded();
    assertThat(first.out()).as("%s", first).contains(expected);
    assertThat(first.all())
        .as("the log of the build, streamed: %s", first)
        .contains(
            "the first line of the build",
            "and one on stderr",
            "Step 1/2 : RUN echo the first line");

    Run second = client.modal("run", "images.py").succeeded();
    assertThat(second.out()).contains(expected);
    assertThat(second.all())
        .as("a second run builds nothing: %s", second)
        .doesNotContain("Step 1/", "the first line of the build");

    Run forced = client.with("PROGRAM_FORCE", "1").modal("run", "images.py").succeeded();
    assertThat(forced.out()).contains(expected);
    assertThat(forced.all())
        .as("a build that is forced: %s", forced)
        .contains("the first line of the build")
        .doesNotContain("pip install");
  }
}
