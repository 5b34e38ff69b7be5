package dev.slipway.controlplane.supply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WheelTest {
  @TempDir Path directory;

  @Test
  void filesAppearWhereTheyWouldBeInstalled() throws IOException {
    Path path =
        WheelFiles.write(
            directory.resolve("a.whl"),
            Map.of(
                "a/__init__.py", "one",
                "a-1.data/platlib/a/fast.so", "two",
                "a-1.data/scripts/tool", "script",
                "a/__pycache__/x.cpython-311.pyc", "bytecode",
                "a/.hidden", "hidden",
                ".top", "hidden",
                "a-1.dist-info/METADATA", "three"));
    Map<String, String> files = new TreeMap<>();
    try (Wheel wheel = Wheel.open(path)) {
      wheel.forEachFile((file, bytes) ->
          files.put(file, new String(bytes.readAllBytes(), StandardCharsets.UTF_8)));
    }

    assertThat(files)
        .isEqualTo(
            Map.of("a/__init__.py", "one", "a/fast.so", "two", "a-1.dist-info/METADATA", "three"));
  }

  @Test
  void requirementsAreRead() throws IOException {
    for (String line :
        new String[] {
          "Requires-Dist: synchronicity~=0.12.7",
          "Requires-Dist: synchronicity (~=0.12.7)",
          "Requires-Dist: Synchronicity ~= 0.12.7"
        }) {
      Path path =
          WheelFiles.write(
              directory.resolve("b.whl"),
              Map.of("b-1.dist-info/METADATA", "Name: b\nRequires-Dist: x\n" + line + "\n\ntext"));
      try (Wheel wheel = Wheel.open(path)) {
        assertThat(wheel.findRequirement("synchronicity")).contains("synchronicity~=0.12.7");
        assertThat(wheel.findRequirement("y")).isEmpty();
      }
    }
  }

  @Test
  void damagedWheelIsNamed() throws IOException {
    Path path = Files.writeString(directory.resolve("c.whl"), "no zip");

    assertThatThrownBy(() -> Wheel.open(path))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("c.whl");
  }
}
