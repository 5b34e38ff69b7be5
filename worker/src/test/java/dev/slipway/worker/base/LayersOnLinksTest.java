package dev.slipway.worker.base;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.Digest;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.base.ImageServer.ServedLayer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.RecordingLog;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Layers that put files into directories which are symbolic links, or have owners and modes, in
/// the layers below.
@Tag("integration")
@Timeout(60)
class LayersOnLinksTest {
  @TempDir Path directory;
  @TempDir Path scratch;
  private final RecordingLog log = new RecordingLog();
  private Pulls pulls;

  @BeforeEach
  void serve() throws Exception {
    pulls = new Pulls(directory, scratch);
  }

  @AfterEach
  void stop() throws IOException {
    pulls.close();
  }

  /// Entries as `name=text`, `name/ mode`, `link -> target`.
  private static ServedLayer layer(String... entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      for (String line : entries) {
        if (line.contains(" -> ")) {
          String[] link = line.split(" -> ");
          TarArchiveEntry entry = new TarArchiveEntry(link[0], TarConstants.LF_SYMLINK, true);
          entry.setLinkName(link[1]);
          tar.putArchiveEntry(entry);
        } else if (line.contains("/ ")) {
          String[] folder = line.split(" ");
          TarArchiveEntry entry = new TarArchiveEntry(folder[0], true);
          entry.setMode(Integer.parseInt(folder[1], 8));
          entry.setIds(7, 8);
          tar.putArchiveEntry(entry);
        } else {
          String[] file = line.split("=", 2);
          byte[] text = file[1].getBytes(StandardCharsets.UTF_8);
          TarArchiveEntry entry = new TarArchiveEntry(file[0], true);
          entry.setSize(text.length);
          tar.putArchiveEntry(entry);
          tar.write(text);
        }
        tar.closeArchiveEntry();
      }
    }
    return new ServedLayer(Digest.sha256(bytes.toByteArray()), bytes.toByteArray());
  }

  private List<LayerId> pulled(String repository, ServedLayer... layers) throws Exception {
    pulls.server.publish(repository, layers);
    Answer answer = pulls.bases.provide(pulls.server.reference(repository), log);
    assertThat(answer).as(answer.sentence()).isInstanceOf(Answer.Provided.class);
    return ((Answer.Provided) answer).image().layers();
  }

  private interface Look {
    void at(Path root) throws IOException;
  }

  /// Shows the image as a container would see it.
  private void mounted(List<LayerId> image, Look look) throws IOException {
    List<Path> lowers =
        image.reversed().stream().map(id -> pulls.layers.require(id).diff()).toList();
    try (LayerStaging staging = pulls.layers.stage();
        OverlayRoots roots = OverlayRoots.open(directory, pulls.layers.uses());
        RootFilesystem root = roots.mount(staging, lowers)) {
      look.at(root.root());
    }
  }

  private static ServedLayer system() throws IOException {
    return layer(
        "usr/lib/ 0750",
        "usr/lib/old=old",
        "usr/lib/gone=gone",
        "lib -> usr/lib",
        "out -> ../../../etc",
        "abs -> /srv/new/place",
        "tmp/ 1777",
        "tmp/kept=kept");
  }

  @Test
  void whatALayerPutsIntoALinkBelowIsWhereThatLeads() throws Exception {
    ServedLayer upper =
        layer(
            "lib/x.so=library",
            "lib/old=new",
            "lib/.wh.gone=",
            "lib/deep/er=deep",
            "out/slipway-test=of the image",
            "abs/f=f",
            "tmp/added=added");
    List<LayerId> image = pulled("team/app", system(), upper);

    mounted(
        image,
        root -> {
          assertThat(Files.readSymbolicLink(root.resolve("lib"))).hasToString("usr/lib");
          assertThat(root.resolve("usr/lib/x.so")).hasContent("library");
          assertThat(root.resolve("usr/lib/old")).hasContent("new");
          assertThat(root.resolve("usr/lib/gone")).doesNotExist();
          assertThat(root.resolve("usr/lib/deep/er")).hasContent("deep");
          assertThat(Files.getAttribute(root.resolve("usr/lib"), "unix:uid")).isEqualTo(100_007);
          assertThat(Files.getAttribute(root.resolve("usr/lib"), "unix:mode")).isEqualTo(0040750);
          assertThat(root.resolve("etc/slipway-test")).hasContent("of the image");
          assertThat(root.resolve("srv/new/place/f")).hasContent("f");
          assertThat(Files.getAttribute(root.resolve("tmp"), "unix:mode")).isEqualTo(0041777);
          assertThat(Files.getAttribute(root.resolve("tmp"), "unix:gid")).isEqualTo(100_008);
          assertThat(root.resolve("tmp/added")).hasContent("added");
          assertThat(root.resolve("tmp/kept")).hasContent("kept");
        });
    assertThat(Path.of("/etc/slipway-test")).doesNotExist();
    assertThat(pulled("team/app", system(), upper)).isEqualTo(image);
  }

  @Test
  void theSameLayerIsAnotherOneElsewhereAndIsNotDownloadedForThat() throws Exception {
    ServedLayer upper = layer("lib/x.so=library");
    ServedLayer plain = layer("lib/ 0700", "lib/old=old");
    List<LayerId> alone = pulled("team/alone", layer("etc/f=f"), upper);

    List<LayerId> linked = pulled("team/linked", system(), upper);
    List<LayerId> third = pulled("team/third", plain, upper, layer("lib/y.so=more"));

    assertThat(alone.getLast().value()).isEqualTo("sha256-" + upper.contents().hex());
    assertThat(linked.getLast()).isNotEqualTo(alone.getLast());
    assertThat(pulls.downloadsOf("team/linked", upper)).isZero();
    mounted(linked, root -> assertThat(root.resolve("usr/lib/x.so")).hasContent("library"));
    mounted(alone, root -> assertThat(root.resolve("lib/x.so")).hasContent("library"));
    mounted(
        third,
        root -> {
          assertThat(Files.getAttribute(root.resolve("lib"), "unix:mode")).isEqualTo(0040700);
          assertThat(root.resolve("lib/old")).hasContent("old");
          assertThat(root.resolve("lib/x.so")).hasContent("library");
          assertThat(root.resolve("lib/y.so")).hasContent("more");
        });
  }

  @Test
  void whatALayerSaysItselfIsNotAskedOfThoseBelow() throws Exception {
    List<LayerId> image =
        pulled(
            "team/app",
            system(),
            layer("lib/ 0711", "lib/x.so=library", ".wh.tmp=", "tmp/added=added"));

    mounted(
        image,
        root -> {
          assertThat(Files.isDirectory(root.resolve("lib"), NOFOLLOW_LINKS)).isTrue();
          assertThat(root.resolve("lib").toFile().list()).containsExactly("x.so");
          assertThat(Files.getAttribute(root.resolve("lib"), "unix:mode")).isEqualTo(0040711);
          assertThat(root.resolve("tmp").toFile().list()).containsExactly("added");
          assertThat(Files.getAttribute(root.resolve("tmp"), "unix:mode")).isEqualTo(0040755);
        });
  }

  @Test
  void linksOfBothLayersWorkTogether() throws Exception {
    List<LayerId> image =
        pulled(
            "team/app",
            system(),
            layer("usr/lib -> lib64", "usr/lib64/ 0700", "bin -> lib/tools", "bin/t=t", "lib/x=x"));

    mounted(
        image,
        root -> {
          assertThat(Files.readSymbolicLink(root.resolve("usr/lib"))).hasToString("lib64");
          assertThat(root.resolve("usr/lib64/x")).hasContent("x");
          assertThat(root.resolve("usr/lib64/tools/t")).hasContent("t");
          assertThat(Files.readSymbolicLink(root.resolve("lib"))).hasToString("usr/lib");
        });
  }

  @Test
  void linksBelowThatLeadNowhereAreRefused() throws Exception {
    ServedLayer below = layer("a -> b", "b -> a", "f=f", "c -> f");
    for (String name : List.of("a", "c")) {
      String repository = "team/" + name;
      pulls.server.publish(repository, below, layer(name + "/x=x"));
      String reference = pulls.server.reference(repository);
      assertThatThrownBy(() -> pulls.bases.provide(reference, log))
          .hasMessageStartingWith("layer 2 of '" + reference + "' cannot be unpacked: ")
          .hasMessageContaining("its directory '" + name + "' leads through ")
          .hasMessageContaining("of the layers below");
    }
  }
}
