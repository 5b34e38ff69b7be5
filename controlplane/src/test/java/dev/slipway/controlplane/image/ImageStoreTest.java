package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.BuildId;
import dev.slipway.model.Digest;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
class ImageStoreTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId OURS = new WorkspaceId("ac-store");
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  @Test
  void imagesThatAnEarlierVersionBuiltAreRead() {
    ImageStore store = new ImageStore(FIXTURE.database().jdbi());
    Image image =
        new Image(
            new ImageId("im-earlier"),
            OURS,
            Digest.sha256(new byte[0]),
            "2025.06",
            new BuildId("bu-earlier"),
            NOW,
            NOW,
            new Image.State.Building());
    ImageContents contents =
        new ImageContents(
            List.of("ly-a"),
            ImageConfig.empty().withWorkingDirectory("/srv"),
            "Python 3.11.7",
            Map.of("pip", "24.0"),
            "glibc 2.36",
            "sha256:abc",
            1);
    store.begin(image, List.of());
    store.finish(image, new BuildOutcome.Built(contents), NOW, true);
    // What images want of those who build on them was not written down at first.
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "update image set contents = contents::jsonb #- '{config,triggers}' where id = ?",
                image.id().value()));

    assertThat(store.find(OURS, image.id()).map(Image::state))
        .isEqualTo(Optional.of(new Image.State.Built(contents, NOW)));
  }
}
