package dev.slipway.images.python;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PortablePythonTest {
  @TempDir Path directory;

  /// Copies a real interpreter: needs one from pyenv or uv.
  @Tag("integration")
  @Test
  void aCopyRunsElsewhereWithItsOwnLibrariesAndPip() throws Exception {
    Interpreter donor =
        Interpreters.ofThisMachine(List.of()).find("", Integer.MAX_VALUE).orElseThrow();
    Path made = Files.createDirectory(directory.resolve("made"));
    PortablePython.make(donor, made);
    Path moved = Files.move(made, directory.resolve("moved"));

    String said =
        run(
            moved.resolve("bin/python3").toString(),
            "-c",
            "import ssl, sqlite3, ctypes, sys; print(sys.prefix); print(open('/proc/self/maps').read())");

    assertThat(said.lines().findFirst()).contains(moved.toRealPath().toString());
    Set<String> libraries =
        Arrays.stream(said.split("\\s+"))
            .filter(word -> word.startsWith("/") && word.contains(".so"))
            .collect(Collectors.toSet());
    assertThat(libraries)
        .filteredOn(library -> !library.startsWith(moved.toString()))
        .allMatch(library ->
            library.matches(
                ".*/(libc|libm|libdl|libpthread|librt|libutil|ld-linux-x86-64)\\.so.*"));
    assertThat(Files.readString(moved.resolve("bin/pip3"))).startsWith("#!/usr/local/bin/python3.");
    assertThat(run(moved.resolve("bin/python3").toString(), "-m", "pip", "--version"))
        .contains(moved.toRealPath().toString());
  }

  @Test
  void whatIsNoProgramIsNone() throws IOException {
    assertThat(ElfFile.read(Files.writeString(directory.resolve("text"), "#!/bin/sh"))).isEmpty();
    byte[] half = Arrays.copyOf(Files.readAllBytes(Path.of("/bin/sh")), 100);
    assertThat(ElfFile.read(Files.write(directory.resolve("half"), half))).isEmpty();
    assertThat(ElfFile.read(Path.of("/bin/sh")).orElseThrow().needed()).contains("libc.so.6");
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
