package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DebianMirrorTest {
  @TempDir Path apt;

  @Test
  void theMachinesOwnMirrorIsUsedInBothFormsOfSourcesLists() throws IOException {
    Files.createDirectories(apt.resolve("sources.list.d"));
    Files.writeString(
        apt.resolve("sources.list"),
        "# deb http://old.example/debian bookworm main\n"
            + "deb [arch=amd64] https://mirror.example/debian bookworm main\n");
    Files.writeString(
        apt.resolve("sources.list.d/security.sources"),
        "Types: deb\nURIs: http://mirror.example/debian-security/\nSuites: bookworm-security\n");

    DebianMirror mirror = DebianMirror.find(apt).orElseThrow();

    assertThat(mirror)
        .isEqualTo(
            new DebianMirror(
                "https://mirror.example/debian",
                Optional.of("http://mirror.example/debian-security")));
    assertThat(mirror.sources(DebianSuite.TRIXIE))
        .containsExactly(
            "deb https://mirror.example/debian trixie main",
            "deb https://mirror.example/debian trixie-updates main",
            "deb http://mirror.example/debian-security trixie-security main");
  }

  @Test
  void anotherDistributionSaysNothingAboutDebiansMirror() throws IOException {
    Files.createDirectories(apt.resolve("sources.list.d"));
    Files.writeString(apt.resolve("sources.list"), "deb http://a.example/ubuntu jammy main\n");
    assertThat(DebianMirror.find(apt)).isEmpty();
    assertThat(DebianMirror.find(apt.resolve("nowhere"))).isEmpty();
  }
}
