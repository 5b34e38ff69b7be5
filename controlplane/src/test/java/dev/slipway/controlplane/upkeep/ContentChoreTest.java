package dev.slipway.controlplane.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.content.FileContentStore;
import dev.slipway.content.Upload;
import dev.slipway.controlplane.blob.BlobStore;
import dev.slipway.controlplane.blob.Blobs;
import dev.slipway.controlplane.blob.ExpiredBlobsChore;
import dev.slipway.controlplane.mount.AbandonedUploadsChore;
import dev.slipway.controlplane.mount.MountStore;
import dev.slipway.controlplane.mount.Mounts;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.Digest;
import dev.slipway.model.IdSource;
import dev.slipway.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
final class ContentChoreTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId WORKSPACE = new WorkspaceId("ac-one");

  @TempDir Path directory;
  private FileContentStore content;
  private Blobs blobs;
  private Mounts mounts;

  @BeforeEach
  void open() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> handle.execute("truncate blob, mount_upload, mount cascade"));
    content = new FileContentStore(directory);
    blobs = new Blobs(new BlobStore(FIXTURE.database().jdbi()), content, IdSource.secure());
    mounts = new Mounts(new MountStore(FIXTURE.database().jdbi()), content);
  }

  @Test
  void bytesGoWhenTheirBlobIsOver() {
    Digest blob = blobs.store(WORKSPACE, bytes("result")).content().orElseThrow().digest();

    upkeepAfter(ExpiredBlobsChore.KEEP.minusDays(1));
    assertThat(content.contains(blob)).isTrue();
    upkeepAfter(ExpiredBlobsChore.KEEP.plusDays(1));
    assertThat(content.contains(blob)).isFalse();
  }

  @Test
  void bytesStayAsLongAsAMountHasThem() {
    Digest file = send("print('hello')");
    mounts.create(
        WORKSPACE, List.of(new Mounts.Entry("/root/hello.py", file, OptionalInt.empty())));
    blobs.store(WORKSPACE, bytes("print('hello')"));

    upkeepAfter(Duration.ofDays(1000));

    assertThat(content.contains(file)).isTrue();
    assertThat(mounts.listMissing(WORKSPACE, List.of(file))).isEmpty();
  }

  @Test
  void filesThatNeverBecameAMountGo() {
    Digest file = send("draft");

    upkeepAfter(AbandonedUploadsChore.KEEP.minusDays(1));
    assertThat(mounts.listMissing(WORKSPACE, List.of(file))).isEmpty();
    upkeepAfter(AbandonedUploadsChore.KEEP.plusDays(1));
    assertThat(mounts.listMissing(WORKSPACE, List.of(file))).containsExactly(file);
    assertThat(content.contains(file)).isFalse();
  }

  @Test
  void freshBytesOfNobodyStayForTheGraceTime() {
    Digest unknown;
    try (Upload upload = content.begin()) {
      upload.append(bytes("on its way"));
      unknown = upload.commit();
    }

    upkeepAfter(ContentChore.GRACE.minusHours(1));
    assertThat(content.contains(unknown)).isTrue();
    upkeepAfter(ContentChore.GRACE.plusHours(1));
    assertThat(content.contains(unknown)).isFalse();
  }

  private void upkeepAfter(Duration time) {
    Clock later = Clock.offset(Clock.systemUTC(), time);
    new ExpiredBlobsChore(blobs, later).run();
    new AbandonedUploadsChore(mounts, later).run();
    new ContentChore(content, List.of(blobs::listUsed, mounts::listUsed), later).run();
  }

  private Digest send(String text) {
    try (Upload upload = content.begin()) {
      upload.append(bytes(text));
      Digest digest = upload.commit();
      try (Upload again = content.begin()) {
        again.append(bytes(text));
        mounts.put(WORKSPACE, digest, again);
      }
      return digest;
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
