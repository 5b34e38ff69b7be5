package dev.slipway.worker.build;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.model.BuildStep;
import dev.slipway.model.MountId;
import dev.slipway.worker.build.BuildOrder.ContextFile;
import dev.slipway.worker.layer.LayerId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that come from stages, archives and the recipe itself, and what commands see for a while.
@Tag("integration")
class StagesAndCopiesTest {
  @TempDir Path directory;
  private BuildFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = BuildFixture.open(directory);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.assertNothingIsLeft();
  }

  private void built(String layer, List<ContextFile> files, String... lines)
      throws InterruptedException {
    assertThat(fixture.buildRecipe(layer, files, lines)).isInstanceOf(BuildOutcome.Built.class);
  }

  private BuildOutcome.Failed failed(String layer, List<ContextFile> files, String... lines)
      throws InterruptedException {
    BuildOutcome.Failed failed = (BuildOutcome.Failed) fixture.buildRecipe(layer, files, lines);
    assertThat(fixture.layers.find(new LayerId(layer))).isEmpty();
    return failed;
  }

  @Test
  void stagesAreBuiltOnOneAnotherAndCopiedFrom() throws Exception {
    built(
        "one",
        List.of(),
        "FROM base:1 AS first",
        "ENV DIR=/etc",
        "RUN write /etc/made first",
        "FROM first AS second",
        "RUN write /etc/more second",
        "FROM scratch",
        "COPY --from=second /etc/m* /out/",
        "COPY --from=base:1 /etc/old /out/",
        "COPY --from=first /lib /usr/lib");

    Path diff = fixture.diff("one");
    assertThat(diff.resolve("out/made")).hasContent("first");
    assertThat(diff.resolve("out/more")).hasContent("second");
    assertThat(diff.resolve("out/old")).hasContent("old");
    assertThat(Files.isDirectory(diff.resolve("usr/lib"), NOFOLLOW_LINKS)).isTrue();
    assertThat(fixture.log.said()).contains("Step 1/6 : ENV DIR=/etc");
  }

  @Test
  void aStageThatIsHereIsNotMadeAgain() throws Exception {
    String[] lines = {
      "FROM base:1 AS first", "RUN write /etc/made first", "FROM base:1", "COPY --from=0 /etc /e"
    };
    built("one", List.of(), lines);
    int started = fixture.runtime.started().size();
    lines[3] = "COPY --from=0 /etc /other";
    built("two", List.of(), lines);
    assertThat(fixture.diff("two").resolve("other/made")).hasContent("first");
    assertThat(fixture.runtime.started()).hasSize(started);
  }

  @Test
  void anImageWithInstructionsForOthersIsCopiedFromAndNotBuiltOn() throws Exception {
    built("one", List.of(), "FROM base:1", "COPY --from=triggers:1 /etc/old /copy");
    assertThat(fixture.diff("one").resolve("copy")).hasContent("old");
    for (String last : List.of("FROM triggers:1", "FROM first")) {
      assertThat(failed("two", List.of(), "FROM triggers:1 AS first", last, "RUN y").message())
          .contains("ONBUILD", "RUN x");
    }
  }

  @Test
  void namesOfOneFileOfAStageStayThat() throws Exception {
    built(
        "one",
        List.of(),
        "FROM base:1 AS first",
        "RUN write /etc/made first",
        "RUN link /etc/made /etc/also",
        "FROM base:1",
        "COPY --from=first /etc/made /etc/also /to/");

    Path to = fixture.diff("one").resolve("to");
    assertThat(Files.getAttribute(to.resolve("made"), "unix:ino"))
        .isEqualTo(Files.getAttribute(to.resolve("also"), "unix:ino"));
  }

  @Test
  void linksOfAStageNeverLeadToTheHost() throws Exception {
    Path secret = Files.writeString(Path.of("/tmp/host-secret-of-a-build"), "secret");
    try {
      BuildOutcome.Failed failed =
          failed(
              "one",
              List.of(),
              "FROM base:1 AS first",
              "RUN write /etc/x y",
              "FROM base:1",
              "COPY --from=first /out/" + secret.getFileName() + " /stolen");
      assertThat(failed.message()).contains("nothing that can be copied matches");
    } finally {
      Files.delete(secret);
    }
  }

  @Test
  void copiesBelongToWhomTheRecipeSaysAndPermitWhatItSays() throws Exception {
    List<ContextFile> files = List.of(BuildFixture.file("/a/b", "text"));
    built(
        "one",
        files,
        "FROM base:1",
        "COPY --chown=7:8 --chmod=640 a /numbers",
        "COPY --chown=9 a/b /alone",
        "COPY <<greeting.txt /etc/",
        "hello ${FROM_BASE}",
        "greeting.txt");

    Path diff = fixture.diff("one");
    assertThat(Files.readAttributes(diff.resolve("numbers/b"), "unix:uid,gid,mode"))
        .containsEntry("uid", 100_007)
        .containsEntry("gid", 100_008)
        .containsEntry("mode", 0100640);
    assertThat(Files.readAttributes(diff.resolve("alone"), "unix:uid,gid"))
        .containsEntry("uid", 100_009)
        .containsEntry("gid", 100_009);
    assertThat(diff.resolve("etc/greeting.txt")).hasContent("hello yes");
    assertThat(failed("two", files, "FROM base:1", "COPY --chown=nobody-here a /x").message())
        .contains("no user 'nobody-here'");
    assertThat(failed("two", files, "FROM base:1", "COPY --chmod=u+$FROM_BASE a /x").message())
        .contains("--chmod=u+yes", "octal");
  }

  @Test
  void permissionsAreChangedAsChmodChangesThem() throws Exception {
    built(
        "one",
        List.of(BuildFixture.file("/a/b", "text")),
        "FROM base:1",
        "COPY --chmod=u=rwX,go= a /own",
        "COPY --chmod=+x a/b /run",
        "COPY --chmod=a+w,go-r a/b /less");

    Path diff = fixture.diff("one");
    assertThat(mode(diff.resolve("own"))).isEqualTo(0700);
    assertThat(mode(diff.resolve("own/b"))).isEqualTo(0600);
    assertThat(mode(diff.resolve("run"))).isEqualTo(0755);
    assertThat(mode(diff.resolve("less"))).isEqualTo(0622);
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS) & 07777;
  }

  @Test
  void addUnpacksArchivesAndCopyDoesNot() throws Exception {
    List<ContextFile> files =
        List.of(
            new ContextFile("/x.tar.gz", gzip(tar("d/in", TarConstants.LF_NORMAL, ""))),
            new ContextFile("/x.tar", tar("e/.wh.in", TarConstants.LF_NORMAL, "")),
            new ContextFile("/not.tar.gz", gzip("no archive".getBytes(StandardCharsets.UTF_8))));
    built(
        "one",
        files,
        "FROM base:1",
        "ADD x.tar.gz x.tar not.tar.gz /to/",
        "COPY x.tar.gz /as-it-is");

    Path diff = fixture.diff("one");
    assertThat(diff.resolve("to/d/in")).hasContent("data");
    assertThat(diff.resolve("to/e/.wh.in")).hasContent("data");
    assertThat(diff.resolve("to/not.tar.gz")).isRegularFile();
    assertThat(diff.resolve("as-it-is")).isRegularFile();
  }

  @Test
  void aFileThatWasFetchedIsCopiedFromItsMount() throws Exception {
    MountId mount = fixture.source.mount("mo-web", Map.of("/a file.txt", "from the web"));

    BuildOutcome outcome =
        fixture.build(
            "one",
            new BuildStep.Copy(
                Optional.empty(),
                Optional.of(mount),
                List.of("/a file.txt"),
                List.of(),
                "/srv/",
                "7",
                "640",
                BuildStep.Unpack.NONE));

    assertThat(outcome).isInstanceOf(BuildOutcome.Built.class);
    Path copy = fixture.diff("one").resolve("srv/a file.txt");
    assertThat(copy).hasContent("from the web");
    assertThat(Files.readAttributes(copy, "unix:uid,gid"))
        .containsEntry("uid", 100_007)
        .containsEntry("gid", 100_007);
  }

  @Test
  void archivesThatReachOutsideAreRefused() throws Exception {
    ContextFile above = new ContextFile("/x.tar", tar("../../escaped", TarConstants.LF_NORMAL, ""));
    ContextFile absolute =
        new ContextFile("/x.tar", tar("/tmp/slipway-escaped", TarConstants.LF_NORMAL, ""));
    ContextFile hard = new ContextFile("/x.tar", tar("d", TarConstants.LF_LINK, "../../old"));
    for (ContextFile file : List.of(above, hard)) {
      assertThat(failed("one", List.of(file), "FROM base:1", "ADD x.tar /to/").message())
          .contains("cannot be unpacked", "leads out of it");
    }
    built("one", List.of(absolute), "FROM base:1", "ADD x.tar /out/");
    assertThat(Path.of("/tmp/slipway-escaped")).doesNotExist();
    assertThat(Path.of("/tmp/tmp/slipway-escaped")).doesNotExist();
    assertThat(fixture.diff("one").resolve("tmp/tmp/slipway-escaped")).hasContent("data");
  }

  @Test
  void ownersMayBeBeyondTheFirst65536() throws Exception {
    built(
        "one",
        List.of(BuildFixture.file("/f", "x")),
        "FROM base:1 AS first",
        "COPY --chown=1001210000:100000 f /f",
        "FROM base:1",
        "COPY --from=first /f /g");

    assertThat(Files.readAttributes(fixture.diff("one").resolve("g"), "unix:uid,gid"))
        .containsEntry("uid", Integer.MIN_VALUE + 1_001_210_000)
        .containsEntry("gid", Integer.MIN_VALUE + 100_000);
    assertThat(failed("two", List.of(), "FROM base:1", "USER 0:4000000000", "USER 0").message())
        .contains(
            "step 1 (USER 0:4000000000)",
            "the user or group 4000000000 is beyond the last one of a container, 2147483645");
  }

  @Test
  void devicesOfArchivesAreMentioned() throws Exception {
    ContextFile device = new ContextFile("/x.tar", tar("dev/sda", TarConstants.LF_BLK, ""));
    built("one", List.of(device), "FROM base:1", "ADD x.tar /to/");

    assertThat(fixture.log.said())
        .contains("'x.tar': 1 device node is left out, since containers get their own: dev/sda.");
  }

  @Test
  void linksFromArchivesStayInTheImage() throws Exception {
    ContextFile link = new ContextFile("/x.tar", tar("link", TarConstants.LF_SYMLINK, "/tmp"));
    built(
        "one",
        List.of(link, BuildFixture.file("/f", "x")),
        "FROM base:1",
        "ADD x.tar /to/",
        "COPY f /to/link/written-by-a-build");
    assertThat(Path.of("/tmp/written-by-a-build")).doesNotExist();
    assertThat(fixture.diff("one").resolve("tmp/written-by-a-build")).hasContent("x");
  }

  @Test
  void commandsSeeCachesSecretsStagesAndTheContextForAWhile() throws Exception {
    String[] lines = {
      "FROM base:1 AS first",
      "FROM base:1",
      "RUN --mount=type=cache,target=/cache append /cache/log again.",
      "RUN --mount=type=cache,target=/cache copy /cache/log /etc/log",
      "RUN --mount=type=secret,id=SECRET copy /run/secrets/SECRET /etc/leak",
      "RUN --mount=from=first,source=/etc,target=/first copy /first/old /etc/copy",
      "RUN --mount=source=f,target=/f copy /f /etc/f"
    };
    built("one", List.of(BuildFixture.file("/f", "from the context")), lines);
    Path diff = fixture.diff("one");
    assertThat(diff.resolve("etc/log")).hasContent("again.");
    assertThat(diff.resolve("etc/leak")).hasContent("hush");
    assertThat(diff.resolve("etc/copy")).hasContent("old");
    assertThat(diff.resolve("etc/f")).hasContent("from the context");

    built("two", List.of(BuildFixture.file("/f", "from the context")), lines);
    assertThat(fixture.diff("two").resolve("etc/log")).hasContent("again.again.");
    assertThat(
            failed(
                    "three",
                    List.of(),
                    "FROM base:1",
                    "RUN --mount=type=secret,id=none,required append /x y")
                .message())
        .contains("no secret with a value 'none'");
  }

  @Test
  void wildcardsMayMatchNothingAndNamesMayNot() throws Exception {
    List<ContextFile> files =
        List.of(BuildFixture.file("/a.txt", "a"), BuildFixture.file("/d/b", "b"));
    built("one", files, "FROM base:1", "COPY a.txt none*.txt /to/", "COPY none-[0-9]? /no");
    assertThat(fixture.diff("one").resolve("to/a.txt")).hasContent("a");
    assertThat(fixture.diff("one").resolve("no")).doesNotExist();
    assertThat(failed("two", files, "FROM base:1", "COPY a.txt none.txt /to/").message())
        .contains("matches 'none.txt': the build context has 'a.txt', 'd'");
    assertThat(failed("two", files, "FROM base:1", "COPY d/none /to/").message())
        .contains("matches 'd/none': the build context has 'b' in /d");
    assertThat(failed("two", List.of(), "FROM base:1", "ADD b.txt /").message())
        .contains("the build context has nothing");
    assertThat(failed("two", files, "FROM base:1", "COPY --from=base:1 /etc/x /").message())
        .contains("matches '/etc/x': the stage has 'old' in /etc");
  }

  @Test
  void severalMatchesGoIntoADirectoryThatIsThere() throws Exception {
    List<ContextFile> files =
        List.of(BuildFixture.file("/a.txt", "a"), BuildFixture.file("/b.txt", "b"));
    built("one", files, "FROM base:1", "COPY *.txt /etc");
    assertThat(fixture.diff("one").resolve("etc/a.txt")).hasContent("a");
    assertThat(fixture.diff("one").resolve("etc/b.txt")).hasContent("b");
    assertThat(failed("two", files, "FROM base:1", "COPY *.txt /nowhere").message())
        .contains("2 files or directories cannot all become '/nowhere'");
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GzipCompressorOutputStream gzip = new GzipCompressorOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] tar(String name, byte kind, String link) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
      byte[] data = "data".getBytes(StandardCharsets.UTF_8);
      entry.setLinkName(link);
      entry.setSize(kind == TarConstants.LF_NORMAL ? data.length : 0);
      tar.putArchiveEntry(entry);
      if (kind == TarConstants.LF_NORMAL) {
        tar.write(data);
      }
      tar.closeArchiveEntry();
    }
    return out.toByteArray();
  }
}
