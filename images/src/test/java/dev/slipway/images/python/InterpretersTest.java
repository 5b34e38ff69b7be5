package dev.slipway.images.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterpretersTest {
  @TempDir Path directory;
  private Interpreters interpreters;

  @BeforeEach
  void place() {
    interpreters = new Interpreters(List.of(directory.resolve("nowhere"), directory));
  }

  private void interpreter(String version, String glibc) throws IOException {
    String name = "python" + version.substring(0, version.lastIndexOf('.'));
    Path home = directory.resolve("some-" + version);
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Path headers = Files.createDirectories(home.resolve("include").resolve(name));
    Files.writeString(headers.resolve("patchlevel.h"), "#define PY_VERSION \"" + version + "\"\n");
    Files.writeString(home.resolve("bin").resolve(name), "ELF GLIBC_2.2.5 GLIBC_2.17 x");
    Files.writeString(
        home.resolve("lib").resolve("lib" + name + ".so.1.0"),
        "y".repeat((1 << 20) - 4) + "GLIBC_" + glibc + "\0");
  }

  @Test
  void theExactVersionElseTheNewestPatchOfTheMinorOne() throws IOException {
    interpreter("3.11.7", "2.34");
    interpreter("3.11.12", "2.34");
    interpreter("3.12.1", "2.34");
    assertThat(found("3.11.7")).isEqualTo("3.11.7");
    assertThat(found("3.11.9")).isEqualTo("3.11.12");
    assertThat(found("3.11")).isEqualTo("3.11.12");
    assertThat(found("")).isEqualTo("3.12.1");
    assertThat(found("3.13")).isEqualTo("none");
  }

  @Test
  void oneThatNeedsANewerLibraryIsNotForAnOldRelease() throws IOException {
    interpreter("3.11.7", "2.34");
    interpreter("3.11.3", "2.28");
    assertThat(interpreters.find("3.11", 31).orElseThrow().version()).isEqualTo("3.11.3");
    assertThat(interpreters.list()).extracting(Interpreter::glibcMinor).containsExactly(28, 34);
  }

  @Test
  void previewsVirtualEnvironmentsAndOtherDirectoriesAreNone() throws IOException {
    interpreter("3.14.0", "2.34");
    Files.writeString(
        directory.resolve("some-3.14.0/include/python3.14/patchlevel.h"),
        "#define PY_VERSION \"3.14.0rc1\"\n");
    Files.createDirectories(directory.resolve("venv/bin"));
    Files.createFile(directory.resolve("venv/bin/python3.11"));
    assertThat(interpreters.list()).isEmpty();
  }

  private String found(String version) {
    return interpreters.find(version, 36).map(Interpreter::version).orElse("none");
  }
}
