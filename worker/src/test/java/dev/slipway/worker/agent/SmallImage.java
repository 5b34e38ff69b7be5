package dev.slipway.worker.agent;

import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.machine.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An image of a shell and a few programs of this machine, with the libraries that they need.
final class SmallImage {
  private static final List<String> PROGRAMS =
      List.of("sh", "cat", "env", "head", "ls", "sleep", "tr");
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

  private SmallImage() {}

  static LayerId store(LayerStore layers, String id) throws IOException, InterruptedException {
    try (LayerStaging staging = layers.stage()) {
      for (String name : List.of("etc", "tmp", "root")) {
        Files.createDirectories(staging.diff().resolve(name));
      }
      for (String name : PROGRAMS) {
        Path program = Program.find(name).orElseThrow().toRealPath();
        copy(program, staging.diff().resolve("bin").resolve(name));
        Matcher libraries = LIBRARY.matcher(Program.require("ldd", program.toString()));
        while (libraries.find()) {
          String library = libraries.group(1);
          copy(Path.of(library).toRealPath(), staging.diff().resolve(library.substring(1)));
        }
      }
      Ownership.shift(staging.diff());
      return staging.commit(new LayerId(id)).id();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.exists(to)) {
      Files.createDirectories(to.getParent());
      Files.copy(from, to);
    }
  }
}
