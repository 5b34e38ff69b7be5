package dev.slipway.controlplane.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.Digest;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MountManifestTest {
  private static final Digest ONE = new Digest("1".repeat(64));
  private static final Digest TWO = new Digest("2".repeat(64));

  @Test
  void equalFilesMakeOneIdInAnyOrder() {
    List<MountFile> files = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      files.add(new MountFile("/root/file" + i, ONE, i, 0644));
    }
    MountManifest manifest = MountManifest.of(files);
    Collections.shuffle(files, new Random(5));

    assertThat(MountManifest.of(files)).isEqualTo(manifest);
    assertThat(MountManifest.of(files).id()).isEqualTo(manifest.id());
    assertThat(manifest.id().value()).matches("mo-[0-9A-Za-z]{22}");
    assertThat(manifest.totalBytes()).isEqualTo(49 * 50 / 2);
  }

  @Test
  void everyDifferenceMakesAnotherId() {
    Set<String> ids = new HashSet<>();
    for (MountFile file :
        List.of(
            new MountFile("/a", ONE, 1, 0644),
            new MountFile("/b", ONE, 1, 0644),
            new MountFile("/a", TWO, 1, 0644),
            new MountFile("/a", ONE, 1, 0755))) {
      ids.add(MountManifest.of(List.of(file)).id().value());
    }
    ids.add(MountManifest.of(List.of()).id().value());

    assertThat(ids).hasSize(5);
  }

  @Test
  void laterFileOfOnePathCounts() {
    MountManifest manifest =
        MountManifest.of(
            List.of(new MountFile("/a", ONE, 1, 0644), new MountFile("/a", TWO, 2, 0644)));

    assertThat(manifest.files()).containsExactly(new MountFile("/a", TWO, 2, 0644));
  }

  @Test
  void fileCannotBeADirectoryToo() {
    List<MountFile> files =
        List.of(new MountFile("/a/b", ONE, 1, 0644), new MountFile("/a/b/c/d", ONE, 1, 0644));

    assertThatThrownBy(() -> MountManifest.of(files))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("'/a/b' cannot be a file and the directory of '/a/b/c/d'");
    assertThat(
            MountManifest.of(
                    List.of(
                        new MountFile("/a/b", ONE, 1, 0644),
                        new MountFile("/a/bc/d", ONE, 1, 0644)))
                .files())
        .hasSize(2);
  }

  @Test
  void pathsMustBeAbsoluteAndNormal() {
    for (String path :
        List.of(
            "",
            "a",
            "a/b",
            "/",
            "/a/",
            "//a",
            "/a//b",
            "/./a",
            "/a/..",
            "/../etc/passwd",
            "/a/../b",
            "/a\0b",
            "/" + "x".repeat(256),
            "/x".repeat(3000))) {
      assertThatThrownBy(() -> new MountFile(path, ONE, 1, 0644))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining("cannot be the path of a file in a mount");
    }
    assertThatThrownBy(() -> new MountFile("/a", ONE, 1, 010000))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("10000");
    assertThat(new MountFile("/a b/…/..c/.d", ONE, 1, 07777).path()).isEqualTo("/a b/…/..c/.d");
  }
}
