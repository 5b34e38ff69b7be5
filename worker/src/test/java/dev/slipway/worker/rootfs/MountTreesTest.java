package dev.slipway.worker.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.layer.Uses;
import dev.slipway.worker.rootfs.ContentSource.MountFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class MountTreesTest {
  @TempDir Path directory;
  private final FakeContentSource source = new FakeContentSource();
  private MountTrees trees;

  @BeforeEach
  void open() throws IOException {
    trees = MountTrees.open(directory, source, new Uses(Clock.systemUTC()));
  }

  @Test
  void aTreeHasTheFilesTheirModesAndTheContainersOwner() throws Exception {
    MountId id =
        source.mount(
            "mo-1",
            List.of(
                source.file("/root/hello.py", "print('hello')", 0),
                source.file("/usr/local/bin/tool", "#!/bin/sh", 0755)));

    MountTree tree = trees.require(id);

    Path script = tree.root().resolve("root/hello.py");
    assertThat(script).hasContent("print('hello')");
    assertThat((Integer) Files.getAttribute(script, "unix:mode") & 07777).isEqualTo(0644);
    assertThat(Files.getAttribute(script, "unix:uid")).isEqualTo(100_000);
    assertThat(tree.root().resolve("usr/local/bin/tool").toFile().canExecute()).isTrue();
    assertThat(tree.directories()).containsExactly("/root", "/usr", "/usr/local", "/usr/local/bin");
  }

  @Test
  void timesFollowFromTheContents() throws Exception {
    MountTree one = trees.require(source.mount("mo-1", Map.of("/a", "same", "/b", "other")));
    MountTree two = trees.require(source.mount("mo-2", Map.of("/a", "same")));
    assertThat(Files.getLastModifiedTime(one.root().resolve("a")))
        .isEqualTo(Files.getLastModifiedTime(two.root().resolve("a")))
        .isNotEqualTo(Files.getLastModifiedTime(one.root().resolve("b")));
  }

  @Test
  void whoeverAsksAtTheSameTimeSharesOneFetch() throws Exception {
    MountId id = source.mount("mo-1", Map.of("/a", "text"));
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<MountTree>> asked = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        asked.add(executor.submit(() -> trees.require(id)));
      }
      for (Future<MountTree> one : asked) {
        assertThat(one.get().root().resolve("a")).hasContent("text");
      }
    }
    assertThat(source.manifestsRead).hasValue(1);
  }

  @Test
  void aTreeOutlivesTheWorker() throws Exception {
    MountId id = source.mount("mo-1", Map.of("/a/b/c", "text"));
    MountTree before = trees.require(id);
    MountTree after = MountTrees.open(directory, source, new Uses(Clock.systemUTC())).require(id);
    assertThat(after).isEqualTo(before);
    assertThat(source.manifestsRead).hasValue(1);
  }

  @Test
  void aFailureIsNotRemembered() throws Exception {
    MountId id = new MountId("mo-1");
    assertThatThrownBy(() -> trees.require(id)).isInstanceOf(SlipwayException.class);
    source.mount("mo-1", Map.of("/a", "text"));
    assertThat(trees.require(id).root().resolve("a")).hasContent("text");
  }

  @Test
  void damagedContentIsRefusedAndLeavesNothing() {
    MountFile file = source.file("/a", "text", 0);
    MountId id = source.mount("mo-1", List.of(file));
    source.damage(file.digest());
    assertThatThrownBy(() -> trees.require(id))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("/a")
        .hasMessageContaining(file.digest().hex());
    assertThat(directory.resolve("mounts")).isEmptyDirectory();
    assertThat(directory.resolve("mounts-in-making")).isEmptyDirectory();
  }

  @Test
  void pathsThatLeaveTheTreeAreRefused() {
    for (String path : List.of("relative", "/a/../../etc/passwd", "/..", "/", "/a/", "/a\0b")) {
      MountId id = source.mount("mo-bad", List.of(source.file(path, "text", 0)));
      assertThatThrownBy(() -> trees.require(id)).isInstanceOf(SlipwayException.class);
    }
    MountId both = source.mount("mo-both", Map.of("/a", "file", "/a/b", "in a directory"));
    assertThatThrownBy(() -> trees.require(both)).hasMessageContaining("'/a'");
    assertThat(directory.resolve("mounts")).isEmptyDirectory();
  }
}
