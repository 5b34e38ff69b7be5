package dev.slipway.worker.container;

import dev.slipway.worker.container.ContainerSpec.Bind;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A root file system made of this machine's own programs, bound read-only: ready at once, and with
/// Python in it.
public record HostRoot(Path directory) {
  private static final List<String> LINKS = List.of("bin", "sbin", "lib", "lib64");

  public static HostRoot make(Path directory) throws IOException {
    for (String name : List.of("etc", "root", "tmp", "usr", "var")) {
      Ownership.giveToRoot(Files.createDirectories(directory.resolve(name)));
    }
    Ownership.giveToRoot(directory);
    for (String name : LINKS) {
      Files.createSymbolicLink(directory.resolve(name), Path.of("usr", name));
    }
    Files.writeString(
        directory.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1000::/home/worker:/bin/sh\n");
    Files.writeString(
        directory.resolve("etc/group"), "root:x:0:\nworker:x:1000:\nextra:x:50:worker\n");
    return new HostRoot(directory);
  }

  public ContainerSpec spec(String id, String... arguments) {
    return ContainerSpec.of(id, directory, List.of(arguments))
        .withBind(new Bind(Path.of("/usr"), "/usr", true));
  }
}
