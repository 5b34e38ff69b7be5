package dev.slipway.worker.base;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/// Root file systems of Debian releases, made from a Debian mirror once per release and shared by
/// every base of that release.
///
/// They have the compilers that the client's recipes install in every image, so that those steps
/// find nothing to do, and the libraries that interpreters of other places need.
public final class DebianRoots {
  /// Longest time that making one takes.
  static final Duration LIMIT = Duration.ofMinutes(30);

  private static final int REMEMBERED_LINES = 5;

  private static final List<String> PACKAGES =
      List.of(
          "ca-certificates",
          "netbase",
          "tzdata",
          "gcc",
          "gfortran",
          "build-essential",
          "zlib1g",
          "libbz2-1.0",
          "liblzma5",
          "libsqlite3-0",
          "libncursesw6",
          "libuuid1",
          "libexpat1",
          "libnsl2");

  private static final List<String> LEFT_OUT =
      List.of(
          "/usr/share/man/*",
          "/usr/share/doc/*",
          "/usr/share/locale/*",
          "/usr/share/info/*",
          "/usr/share/lintian/*",
          "/usr/share/groff/*");

  private static final List<String> KEPT =
      List.of("/usr/share/doc/*/copyright", "/usr/share/locale/locale.alias");

  /// Container images keep neither translations nor packages that were installed already. Apt of
  /// older suites gives up at the first stumble of the network.
  private static final String APT_CONFIGURATION =
      """
      Acquire::Languages "none";
      Acquire::GzipIndexes "true";
      Acquire::Retries "5";
      APT::Keep-Downloaded-Packages "false";
      Binary::apt::APT::Keep-Downloaded-Packages "false";
      APT::AutoRemove::SuggestsImportant "false";
      Dir::Cache::pkgcache "";
      Dir::Cache::srcpkgcache "";
      """;

  /// Services are not started in an image.
  private static final String SERVICE_POLICY = "#!/bin/sh\nexit 101\n";

  private final LayerStore layers;
  private final SharedMaking making;
  private final DebianMirror mirror;

  public DebianRoots(LayerStore layers, SharedMaking making, DebianMirror mirror) {
    this.layers = layers;
    this.making = making;
    this.mirror = mirror;
  }

  /// Whether the release's root is here already.
  public boolean has(DebianSuite suite) {
    return layers.find(idOf(suite)).isPresent();
  }

  /// The root of a release, made now if it is not here.
  ///
  /// @throws SlipwayException of kind `UNAVAILABLE` when it cannot be made, with the reason
  public Layer require(DebianSuite suite, BuildLog log) throws IOException, InterruptedException {
    return making.require(
        idOf(suite),
        log,
        staging -> {
          log.say(
              "Making a Debian %d (%s) from %s, once; this takes about a minute."
                  .formatted(suite.number(), suite.codename(), mirror.archive()));
          bootstrap(suite, staging.diff(), log);
          finish(staging.diff());
          Ownership.shift(staging.diff());
        });
  }

  private LayerId idOf(DebianSuite suite) {
    String recipe =
        String.join("\n", packages(suite))
            + mirror
            + LEFT_OUT
            + KEPT
            + APT_CONFIGURATION
            + SERVICE_POLICY;
    return new LayerId("debian-%s-%s".formatted(suite.codename(), RecipeDigest.of(recipe)));
  }

  private static List<String> packages(DebianSuite suite) {
    List<String> packages = new ArrayList<>(PACKAGES);
    packages.addAll(suite.libraries());
    return packages;
  }

  private void bootstrap(DebianSuite suite, Path root, BuildLog log)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("mmdebstrap", "--variant=minbase", "--mode=root", "--format=directory"));
    command.add("--dpkgopt=force-unsafe-io");
    LEFT_OUT.forEach(path -> command.add("--dpkgopt=path-exclude=" + path));
    KEPT.forEach(path -> command.add("--dpkgopt=path-include=" + path));
    APT_CONFIGURATION
        .lines()
        .filter(line -> line.startsWith("Acquire"))
        .forEach(line -> command.add("--aptopt=" + line.replace(";", "")));
    command.add("--include=" + String.join(",", packages(suite)));
    // The package lists stay: the client's recipes all update them first, which is then quick.
    command.add("--skip=cleanup/apt/lists");
    command.add(suite.codename());
    command.add(root.toString());
    command.addAll(mirror.sources(suite));
    Deque<String> last = new ArrayDeque<>();
    int code;
    try {
      code =
          HostProgram.run(
              command,
              LIMIT,
              line -> {
                log.say("  " + line);
                last.addLast(line);
                if (last.size() > REMEMBERED_LINES) {
                  last.removeFirst();
                }
              });
    } catch (TimeoutException e) {
      throw failed(suite, String.valueOf(e.getMessage()));
    }
    if (code != 0) {
      throw failed(suite, "mmdebstrap said: " + String.join(" / ", last));
    }
  }

  private static SlipwayException failed(DebianSuite suite, String why) {
    return new SlipwayException(
        ErrorKind.UNAVAILABLE, "no Debian " + suite.codename() + " could be made: " + why);
  }

  /// Turns the root of a machine into that of an image.
  private static void finish(Path root) throws IOException {
    for (String directory : List.of("dev", "var/cache/apt", "var/log")) {
      empty(root.resolve(directory));
    }
    Files.createDirectories(root.resolve("var/cache/apt/archives/partial"));
    for (String mountPoint : List.of("etc/resolv.conf", "etc/hostname")) {
      Files.deleteIfExists(root.resolve(mountPoint));
      write(root.resolve(mountPoint), "", 0644);
    }
    write(
        root.resolve("etc/hosts"),
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
        0644);
    Files.deleteIfExists(root.resolve("etc/apt/apt.conf.d/99mmdebstrap"));
    write(root.resolve("etc/apt/apt.conf.d/90container-image"), APT_CONFIGURATION, 0644);
    write(root.resolve("usr/sbin/policy-rc.d"), SERVICE_POLICY, 0755);
  }

  private static void empty(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      for (Path child : children.toList()) {
        Trees.delete(child);
      }
    }
  }

  private static void write(Path file, String text, int mode) throws IOException {
    Files.writeString(file, text);
    Files.setAttribute(file, "unix:mode", mode);
  }
}
