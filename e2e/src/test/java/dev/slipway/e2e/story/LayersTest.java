package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// An operator looks at what images take of the disk.
@Story
class LayersTest {
  private final Installation installation;

  LayersTest(Installation installation) {
    this.installation = installation;
  }

  @Test
  void layersAreListedWithTheirSizesAndWhyTheyAreKept() {
    String mark = UUID.randomUUID().toString();
    ModalClient client = installation.client(ClientRelease.NEWEST).with("PROGRAM_MARK", mark);
    client.modal("run", "images.py").succeeded();

    String data = installation.server().data().toString();
    Run listed = installation.server().run("images", "--data", data).succeeded();

    assertThat(listed.out())
        .as("%s", listed)
        .containsPattern("keeps \\d+ layers and mounts: \\d+\\.\\d [MG]iB \\(budget 50\\.0 GiB\\)")
        .containsPattern("layer  ly-\\w+  im-\\w+ was asked for 0 min ago")
        .containsPattern("layer  debian-\\S+  im-\\w+ was asked for \\d+ min ago")
        .containsPattern("mount  mo-\\S+  (was used \\d+ min ago|in use by)");
  }

  @Test
  void whatOneBuildDownloadedTheNextOneNeedNotDownloadAgain() {
    ModalClient client = installation.client(ClientRelease.NEWEST);
    client
        .with("PROGRAM_MARK", UUID.randomUUID().toString())
        .modal("run", "shared_downloads.py")
        .succeeded();

    Run second =
        client
            .with("PROGRAM_MARK", UUID.randomUUID().toString())
            .modal("run", "shared_downloads.py")
            .succeeded();

    assertThat(second.out()).as("%s", second).contains("table: bread  3");
    assertThat(second.all())
        .as("%s", second)
        .contains("Need to get 0 B/", "nothing of it is in the image");
  }
}
