package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Project;
import dev.slipway.testkit.Run;
import dev.slipway.testkit.Slipway;
import dev.slipway.testkit.SmallDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The disk of the data directory fills up, and is given room again.
@Tag("e2e")
class FullDiskTest {
  private static final int DISK_MEGABYTES = 1200;

  @TempDir Path mountPoint;

  @Test
  void newBytesAreRefusedWithAReasonStoredOnesStayAndServiceResumes() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(mountPoint, DISK_MEGABYTES);
        Slipway server = Slipway.start(disk.path().resolve("data"), Map.of())) {
      ModalClient client =
          ModalClient.of(
              ClientRelease.NEWEST, Project.root().resolve("e2e/programs"), server.exports());
      String stored = stored(client.python("upload.py", "put", "20"));

      disk.fill();
      Run refused = client.python("upload.py", "put", "30").succeeded();
      assertThat(refused.out()).as("%s", refused).startsWith("refused: ").contains("full");
      assertThat(client.python("upload.py", "get", stored).out()).isEqualTo("read 20 intact");

      disk.empty();
      String later = stored(client.python("upload.py", "put", "30"));
      assertThat(client.python("upload.py", "get", later).out()).isEqualTo("read 30 intact");
      assertThat(client.python("upload.py", "get", stored).out()).isEqualTo("read 20 intact");
    }
  }

  private static String stored(Run run) {
    assertThat(run.succeeded().out()).as("%s", run).startsWith("stored ");
    return run.out().substring("stored ".length()).strip();
  }
}
