package dev.slipway.controlplane.supply;

import dev.slipway.model.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// The Python files that this version of the platform puts into containers beside the client.
final class RunnerFiles {
  private static final List<String> NAMES = List.of("sitecustomize.py", "slipway_lane.py");

  private RunnerFiles() {}

  /// The files' bytes by name.
  static Map<String, byte[]> read() {
    Map<String, byte[]> files = new TreeMap<>();
    NAMES.forEach(name -> files.put(name, read(name)));
    return files;
  }

  /// Changes whenever one of the files does.
  static Digest digest() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    read()
        .forEach((name, bytes) -> {
          all.writeBytes((name + " " + bytes.length + "\n").getBytes(StandardCharsets.UTF_8));
          all.writeBytes(bytes);
        });
    return Digest.sha256(all.toByteArray());
  }

  private static byte[] read(String name) {
    try (InputStream file =
        Objects.requireNonNull(RunnerFiles.class.getResourceAsStream(name), name)) {
      return file.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(name + " cannot be read from the program's own archive", e);
    }
  }
}
