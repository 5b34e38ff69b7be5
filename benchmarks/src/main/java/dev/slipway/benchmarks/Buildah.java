package dev.slipway.benchmarks;

import dev.slipway.content.files.Trees;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Debian's buildah with a storage of its own, as root.
///
/// Commands run in a chroot, its lightest isolation: the one that works on every machine that we
/// run on.
final class Buildah implements AutoCloseable {
  /// What the Dockerfile starts from.
  static final String BASE = "python:3.11-slim-bookworm";

  private static final String QUALIFIED = "docker.io/library/" + BASE;
  private static final int SHIFT = 100_000;

  private final Path directory;

  private Buildah(Path directory) {
    this.directory = directory;
  }

  static Buildah open(Path directory) throws IOException {
    Files.createDirectories(directory);
    return new Buildah(directory);
  }

  /// Makes the base of the layers that Slipway's stands on, unless it is there.
  void importBase(Path layers) throws IOException {
    if (!buildah("images", "--quiet", "--filter", "reference=" + QUALIFIED).out().isBlank()) {
      return;
    }
    String container = buildah("from", "scratch").succeeded().out().strip();
    Path root = Path.of(buildah("mount", container).succeeded().out().strip());
    for (String prefix : List.of("debian-bookworm-", "python-3.11")) {
      Path diff = only(layers, prefix).resolve("diff");
      run("cp", "-a", diff + "/.", root.toString()).succeeded();
    }
    unshift(root);
    buildah(
            "config",
            "--env",
            "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
            "--env",
            "LANG=C.UTF-8",
            container)
        .succeeded();
    buildah("commit", "--quiet", "--rm", container, QUALIFIED).succeeded();
  }

  private static Path only(Path layers, String prefix) throws IOException {
    try (Stream<Path> found = Files.list(layers)) {
      return found
          .filter(layer -> layer.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no layer " + prefix + " in " + layers));
    }
  }

  /// Slipway keeps layers with the owners that containers have on the host.
  private static void unshift(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.toList()) {
        int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        for (String owner : List.of("unix:uid", "unix:gid")) {
          int id = (Integer) Files.getAttribute(path, owner, LinkOption.NOFOLLOW_LINKS);
          if (id >= SHIFT) {
            Files.setAttribute(path, owner, id - SHIFT, LinkOption.NOFOLLOW_LINKS);
          }
        }
        if (!Files.isSymbolicLink(path)) {
          Files.setAttribute(path, "unix:mode", mode & 07777);
        }
      }
    }
  }

  /// Builds with its cache of layers.
  ///
  /// @return milliseconds
  double build(Path context, Path dockerfile) {
    long begun = System.nanoTime();
    buildah(
            "build",
            "--quiet",
            "--layers",
            "--pull-never",
            "--isolation",
            "chroot",
            "--file",
            dockerfile.toString(),
            "--tag",
            "benchmark",
            context.toString())
        .succeeded();
    return (System.nanoTime() - begun) / 1e6;
  }

  /// What its storage takes.
  long bytes() throws IOException {
    return Trees.measure(directory.resolve("storage")).bytes();
  }

  private Run buildah(String... arguments) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "buildah",
                "--root",
                directory.resolve("storage").toString(),
                "--runroot",
                directory.resolve("run").toString(),
                "--storage-driver",
                "overlay"));
    words.addAll(List.of(arguments));
    return run(words.toArray(String[]::new));
  }

  private Run run(String... words) {
    return ModalClient.runProgram(List.of(words), directory);
  }

  /// Unmounts what it mounted; the images stay.
  @Override
  public void close() {
    buildah("umount", "--all");
  }
}
