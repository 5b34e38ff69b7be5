package dev.slipway.images.registry;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.Digest;
import dev.slipway.model.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Needs root: layers hold files of many owners and nodes that only root makes.
@Tag("integration")
class LayerUnpackerTest {
  private static final int ROOT = 100_000;

  @TempDir Path directory;
  private Path target = Path.of("");

  @BeforeEach
  void makeTarget() throws IOException {
    target = Files.createDirectory(directory.resolve("target"));
    Files.writeString(directory.resolve("secret"), "untouched");
  }

  @Test
  void keepsContentsModesOwnersAndTimes() throws Exception {
    byte[] tar =
        new Layers()
            .directory("./", 0711)
            .directory("usr", 01777)
            .file(
                "usr/F\u0151tan\u00fa.crt",
                "hello",
                entry -> {
                  entry.setMode(04750);
                  entry.setUserId(33);
                  entry.setGroupId(44);
                })
            .hardLink("usr/again", "./usr/F\u0151tan\u00fa.crt")
            .symbolicLink("lib", "usr/lib")
            .symbolicLink("absolute", "/etc/passwd")
            .file("made/on/the/way", "x")
            .tar();

    LayerUnpacker.Unpacked unpacked = unpack(tar);

    Path file = target.resolve("usr/F\u0151tan\u00fa.crt");
    assertThat(file).hasContent("hello");
    assertThat(attributes(file)).containsExactly(ROOT + 33, ROOT + 44, 0104750);
    assertThat(attributes(target)).containsExactly(ROOT, ROOT, 0040711);
    assertThat(attributes(target.resolve("usr"))).containsExactly(ROOT, ROOT, 0041777);
    assertThat(attributes(target.resolve("made/on"))).containsExactly(ROOT, ROOT, 0040755);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(Layers.TIME);
    assertThat(Files.getLastModifiedTime(target.resolve("usr"))).isEqualTo(Layers.TIME);
    assertThat(Files.isSameFile(target.resolve("usr/again"), file)).isTrue();
    assertThat(Files.readSymbolicLink(target.resolve("lib"))).isEqualTo(Path.of("usr/lib"));
    assertThat(Files.readSymbolicLink(target.resolve("absolute")))
        .isEqualTo(Path.of("/etc/passwd"));
    assertThat(Files.getAttribute(target.resolve("lib"), "unix:uid", NOFOLLOW_LINKS))
        .isEqualTo(ROOT);
    assertThat(unpacked.contents()).isEqualTo(digest(tar));
    assertThat(unpacked.entries()).isEqualTo(7);
    assertThat(unpacked.bytes()).isEqualTo(6);
    assertThat(unpacked.notes()).isEmpty();
  }

  @Test
  void readsEveryCompression() throws Exception {
    byte[] tar = new Layers().file("f", "content").tar();
    for (byte[] layer : List.of(tar, Layers.gzip(tar), Layers.zstd(tar))) {
      assertThat(unpack(layer).contents()).isEqualTo(digest(tar));
      assertThat(target.resolve("f")).hasContent("content");
    }
  }

  @Test
  void turnsDeletionsIntoWhatOverlayfsKnows() throws Exception {
    unpack(
        new Layers()
            .file("etc/.wh.gone", "")
            .file("srv/.wh..wh..opq", "")
            .file(".wh.replaced", "")
            .directory("replaced", 0755)
            .file("kept", "x")
            .file(".wh.kept", "")
            .file(".wh..wh.aufs", "")
            .tar());

    assertThat(attributes(target.resolve("etc/gone"))).containsExactly(ROOT, ROOT, 0020000);
    assertThat(Files.getAttribute(target.resolve("etc/gone"), "unix:rdev", NOFOLLOW_LINKS))
        .isEqualTo(0L);
    assertThat(attribute(target.resolve("srv"), "trusted.overlay.opaque")).isEqualTo("y");
    assertThat(attribute(target.resolve("replaced"), "trusted.overlay.opaque")).isEqualTo("y");
    assertThat(target.resolve("kept")).hasContent("x");
    assertThat(names(target)).containsExactlyInAnyOrder("etc", "srv", "replaced", "kept");
  }

  @Test
  void replacesWhatTheLayerItselfSaidBefore() throws Exception {
    unpack(
        new Layers()
            .file("a/b", "1")
            .file("a", "now a file")
            .symbolicLink("c", "/elsewhere")
            .file("c", "2")
            .tar());

    assertThat(target.resolve("a")).hasContent("now a file");
    assertThat(target.resolve("c")).hasContent("2");
    assertThat(Path.of("/elsewhere")).doesNotExist();
  }

  @Test
  void leavesOutDevicesStrangeOwnersAndAttributesWithANote() throws Exception {
    LayerUnpacker.Unpacked unpacked =
        unpack(
            new Layers()
                .node("dev/sda", TarConstants.LF_BLK)
                .node("dev/null", TarConstants.LF_CHR)
                .node("pipe", TarConstants.LF_FIFO)
                .file("big", "x", entry -> entry.setUserId(2_000_000))
                .file(
                    "marked",
                    "x",
                    Layers.attributes(Map.of("user.kept", "v", "trusted.overlay.redirect", "/etc")))
                .tar());

    assertThat(names(target)).containsExactlyInAnyOrder("dev", "pipe", "big", "marked");
    assertThat(names(target.resolve("dev"))).isEmpty();
    assertThat(attributes(target.resolve("big"))).startsWith(ROOT + 65_534);
    assertThat(attribute(target.resolve("marked"), "user.kept")).isEqualTo("v");
    assertThat(unpacked.notes())
        .hasSize(3)
        .contains("2 device nodes are left out, since containers get their own: dev/sda, dev/null.")
        .anyMatch(note -> note.contains("2000000"))
        .anyMatch(note -> note.contains("trusted.overlay.redirect"));
  }

  @Test
  void manyDevicesAreOneNote() throws Exception {
    Layers layers = new Layers();
    for (int i = 0; i < 30; i++) {
      layers.node("dev/tty" + i, TarConstants.LF_CHR);
    }

    assertThat(unpack(layers.tar()).notes())
        .containsExactly(
            "30 device nodes are left out, since containers get their own: dev/tty0, dev/tty1, dev/tty2, dev/tty3, dev/tty4 and 25 more.");
  }

  static Stream<Layers> attacks() {
    return Stream.of(
        new Layers().file("../secret", "stolen"),
        new Layers().file("a/../../secret", "stolen"),
        new Layers().hardLink("stolen", "../secret"),
        new Layers().symbolicLink("out", "..").hardLink("stolen", "out/secret"),
        new Layers().file(".wh...", ""),
        new Layers().file(".wh..", ""),
        new Layers().file("a/.wh.", ""));
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void refusesWhatReachesOutside(Layers layer) {
    assertThatThrownBy(() -> unpack(layer.tar()))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("the layer holds");
    assertThat(directory.resolve("secret")).hasContent("untouched");
    assertThat(names(directory)).containsExactlyInAnyOrder("secret", "target");
  }

  @Test
  void followsLinksInsideTheRoot() throws Exception {
    String[] up = {"..", "../..", "/", "/..", "a/../.."};
    for (int i = 0; i < up.length; i++) {
      String link = "out" + i;
      LayerUnpacker.Unpacked unpacked =
          unpack(
              new Layers()
                  .symbolicLink(link, up[i])
                  .file(link + "/secret", "of the image")
                  .file(link + "/.wh.gone", "")
                  .directory(link + "/new", 0711)
                  .hardLink("again" + i, link + "/secret")
                  .tar());

      assertThat(target.resolve("secret")).hasContent("of the image");
      assertThat(Files.isSameFile(target.resolve("again" + i), target.resolve("secret"))).isTrue();
      assertThat(attributes(target.resolve("gone"))).containsExactly(ROOT, ROOT, 0020000);
      assertThat(attributes(target.resolve("new"))).containsExactly(ROOT, ROOT, 0040711);
      assertThat(Files.readSymbolicLink(target.resolve(link))).isEqualTo(Path.of(up[i]));
      assertThat(unpacked.ways()).isEqualTo(up[i].startsWith("a/") ? List.of("a") : List.of());
    }
    assertThat(directory.resolve("secret")).hasContent("untouched");
    assertThat(names(directory)).containsExactlyInAnyOrder("secret", "target");
  }

  @Test
  void followsLinksToDirectoriesOfTheImageAndNotOfTheHost() throws Exception {
    LayerUnpacker.Unpacked unpacked =
        unpack(
            new Layers()
                .directory("usr/lib", 0700)
                .symbolicLink("lib", "usr/lib")
                .file("lib/x.so", "library")
                .symbolicLink("x", "/etc")
                .file("x/slipway-test", "of the image")
                .symbolicLink("deep", "lib/../../../x/more")
                .file("deep/f", "deep")
                .symbolicLink("lib/y.so", "x.so")
                .file("lib/y.so", "replaces the link")
                .symbolicLink("x", "elsewhere")
                .tar());

    assertThat(target.resolve("usr/lib/x.so")).hasContent("library");
    assertThat(target.resolve("usr/lib/y.so")).hasContent("replaces the link");
    assertThat(attributes(target.resolve("usr/lib"))).containsExactly(ROOT, ROOT, 0040700);
    assertThat(target.resolve("etc/slipway-test")).hasContent("of the image");
    assertThat(target.resolve("etc/more/f")).hasContent("deep");
    assertThat(Path.of("/etc/slipway-test")).doesNotExist();
    assertThat(Files.readSymbolicLink(target.resolve("x"))).isEqualTo(Path.of("elsewhere"));
    assertThat(unpacked.ways()).containsExactly("etc", "etc/more", "usr");
  }

  @Test
  void tellsWhichDirectoriesTheLayerDoesNotSpeakOf() throws Exception {
    LayerUnpacker.Unpacked unpacked =
        unpack(
            new Layers()
                .file("implied/deep/f", "x")
                .file("told/f", "x")
                .directory("told", 0755)
                .file(".wh.deleted", "")
                .file("deleted/f", "x")
                .file("after/f", "x")
                .file(".wh.after", "")
                .file("file/f", "x")
                .file("file", "x")
                .tar());

    assertThat(unpacked.ways()).containsExactly("implied", "implied/deep");
  }

  static Stream<Layers> wrongLinks() {
    return Stream.of(
        new Layers().symbolicLink("a", "b").symbolicLink("b", "a").file("a/f", "x"),
        new Layers().symbolicLink("a", "a").file("a/f", "x"),
        new Layers().file("f", "x").symbolicLink("a", "f").file("a/f", "x"));
  }

  @ParameterizedTest
  @MethodSource("wrongLinks")
  void refusesLinksThatLeadNowhere(Layers layer) {
    assertThatThrownBy(() -> unpack(layer.tar()))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("the layer holds 'a/f', which leads through ")
        .hasMessageContaining("symbolic link");
  }

  @Test
  void refusesHardLinksToNothing() {
    assertThatThrownBy(() -> unpack(new Layers().hardLink("a", "nothing").tar()))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("'nothing'");
  }

  @Test
  void refusesWhatIsTooLargeOrBroken() {
    assertThatThrownBy(() ->
            new LayerUnpacker(Layers.OWNERS, 5)
                .unpack(new ByteArrayInputStream(new Layers().file("f", "123456").tar()), target))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("5 bytes");
    byte[] whole = Layers.gzip(new Layers().file("f", "x".repeat(5_000)).tar());
    assertThatThrownBy(() -> unpack(java.util.Arrays.copyOf(whole, whole.length / 2)))
        .isInstanceOf(IOException.class);
  }

  private LayerUnpacker.Unpacked unpack(byte[] layer) throws IOException {
    return new LayerUnpacker(Layers.OWNERS, 1 << 20)
        .unpack(new ByteArrayInputStream(layer), target);
  }

  private static Digest digest(byte[] bytes) throws Exception {
    return Digest.of(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static List<Object> attributes(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:uid,gid,mode", NOFOLLOW_LINKS);
    return Stream.of("uid", "gid", "mode")
        .map(name -> java.util.Objects.requireNonNull(found.get(name)))
        .toList();
  }

  /// Read by another program than the one that wrote it.
  private static String attribute(Path path, String name) throws Exception {
    Process python =
        new ProcessBuilder(
                "python3",
                "-c",
                "import os,sys; print(os.getxattr(sys.argv[1], sys.argv[2]).decode(), end='')",
                path.toString(),
                name)
            .redirectErrorStream(true)
            .start();
    String output =
        new String(python.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(python.waitFor()).as(output).isZero();
    return output;
  }

  private static List<String> names(Path path) {
    try (Stream<Path> children = Files.list(path)) {
      return children.map(child -> child.getFileName().toString()).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
