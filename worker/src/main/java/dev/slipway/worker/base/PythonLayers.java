package dev.slipway.worker.base;

import dev.slipway.content.files.Trees;
import dev.slipway.images.python.Interpreter;
import dev.slipway.images.python.PythonCopy;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.Resources;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.ContainerSpec.Privileges;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.rootfs.InsideRoot;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/// Pythons as small layers on a Debian root: copied from an interpreter directory of this machine,
/// or the release's own.
public final class PythonLayers {
  /// Longest time that making one takes.
  static final Duration LIMIT = Duration.ofMinutes(15);

  /// Part of the layers' ids: raised when the way of making them changes.
  private static final String RECIPE_VERSION = "1";

  static final Map<String, String> ENVIRONMENT =
      Map.of(
          "PATH",
          "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
          "LANG",
          "C.UTF-8",
          "DEBIAN_FRONTEND",
          "noninteractive");

  private final SharedMaking making;
  private final OverlayRoots roots;
  private final LayerCommand command;

  public PythonLayers(SharedMaking making, OverlayRoots roots, LayerCommand command) {
    this.making = making;
    this.roots = roots;
    this.command = command;
  }

  /// A Python of this machine on a Debian root.
  public Layer copied(Interpreter donor, DebianSuite suite, Layer debian, BuildLog log)
      throws IOException, InterruptedException {
    LayerId id =
        new LayerId(
            "python-%s-%s-%s"
                .formatted(
                    donor.version(),
                    suite.codename(),
                    RecipeDigest.of(debian.id() + " " + donor.directory() + RECIPE_VERSION)));
    return making.require(
        id,
        log,
        staging -> {
          log.say("Copying Python %s from %s.".formatted(donor.version(), donor.directory()));
          try (RootFilesystem root = roots.mount(staging, List.of(debian.diff()))) {
            new PythonCopy(
                    donor,
                    root.root().resolve(PythonCopy.PREFIX.substring(1)),
                    Ownership::giveToRoot)
                .copy();
            writeLoaderPath(root.root());
            run(id, root, afterCopying(donor), Network.BLOCKED, log);
          }
          dropCaches(staging);
        });
  }

  /// The Python of the Debian release itself.
  public Layer ofRelease(DebianSuite suite, Layer debian, BuildLog log)
      throws IOException, InterruptedException {
    LayerId id =
        new LayerId(
            "python-%s-own-%s-%s"
                .formatted(
                    suite.pythonMinor(),
                    suite.codename(),
                    RecipeDigest.of(debian.id() + RECIPE_VERSION)));
    return making.require(
        id,
        log,
        staging -> {
          log.say(
              "Installing Debian's own Python %s of %s."
                  .formatted(suite.pythonMinor(), suite.codename()));
          try (RootFilesystem root = roots.mount(staging, List.of(debian.diff()))) {
            run(id, root, installOwn(suite), Network.OUTBOUND, log);
          }
        });
  }

  /// What a process sees that is started in an image with this Python.
  static ImageConfig config(String version) {
    return new ImageConfig(
        Map.of(
            "PATH",
            "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG",
            "C.UTF-8",
            "PYTHON_VERSION",
            version),
        "",
        List.of(),
        List.of("python3"),
        List.of(),
        "");
  }

  /// The loader must find the shared library of Python.
  private static void writeLoaderPath(Path root) throws IOException {
    Path directory = new InsideRoot(root).makeDirectories("/etc/ld.so.conf.d");
    Path file = directory.resolve("000-usr-local.conf");
    Files.writeString(file, PythonCopy.PREFIX + "/lib\n");
    Ownership.giveToRoot(file);
  }

  private static String afterCopying(Interpreter donor) {
    String python = PythonCopy.PREFIX + "/bin/python" + donor.minor();
    return String.join(
        " && ",
        "set -e; ldconfig",
        python + " -m ensurepip --upgrade --default-pip",
        // What was rewritten has stale bytecode, and what the donor never imported has none.
        python
            + " -m compileall -q "
            + PythonCopy.PREFIX
            + "/lib/python"
            + donor.minor()
            + " || true",
        python + " -VV",
        python + " -c 'import ssl, sqlite3, ctypes, zlib, bz2, lzma, hashlib, uuid'",
        "pip --version");
  }

  private static String installOwn(DebianSuite suite) {
    return String.join(
        " && ",
        "set -e; apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends python3 python3-dev python3-pip python3-venv python3-setuptools python3-wheel",
        "ln -sf /usr/bin/python3 /usr/local/bin/python",
        "rm -f /usr/lib/python" + suite.pythonMinor() + "/EXTERNALLY-MANAGED",
        "python -VV",
        "pip --version");
  }

  private void run(LayerId id, RootFilesystem root, String script, Network network, BuildLog log)
      throws IOException, InterruptedException {
    ContainerSpec spec =
        ContainerSpec.of("base-" + UUID.randomUUID(), root.root(), List.of("/bin/sh", "-c", script))
            .withEnvironment(ENVIRONMENT)
            .withNetwork(network)
            .withPrivileges(Privileges.BUILD)
            .withResources(new Resources(0, 0, 0, 0), 0);
    try {
      Exit exit = command.run(spec, log, LIMIT);
      if (exit.code() != 0) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE,
            "the base layer %s could not be made: its commands ended with exit code %d (%s)"
                .formatted(id, exit.code(), exit.sentence()));
      }
    } catch (TimeoutException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the base layer " + id + " could not be made: " + e.getMessage());
    }
  }

  private static void dropCaches(LayerStaging staging) throws IOException {
    for (String cache : List.of("root/.cache", "tmp", "var/cache/ldconfig")) {
      Trees.delete(staging.diff().resolve(cache));
    }
  }
}
