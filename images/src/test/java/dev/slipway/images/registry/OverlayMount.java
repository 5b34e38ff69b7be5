package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// Layers as a container sees them, mounted by the machine's own program.
///
/// @param root where they are joined
record OverlayMount(Path root) implements AutoCloseable {
  /// @param layers topmost first
  static OverlayMount of(List<Path> layers, Path root) throws Exception {
    Files.createDirectory(root);
    String lower = layers.stream().map(Path::toString).collect(Collectors.joining(":"));
    run("mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir=" + lower, root.toString());
    return new OverlayMount(root);
  }

  @Override
  public void close() throws Exception {
    run("umount", root.toString());
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
