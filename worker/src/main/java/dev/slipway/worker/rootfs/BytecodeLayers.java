package dev.slipway.worker.rootfs;

import dev.slipway.content.files.Trees;
import dev.slipway.model.Resources;
import dev.slipway.worker.container.ContainerRuntime;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Bytecode of the platform's own Python files, which every container imports: without it each
/// start compiles them again, for more than a second.
///
/// It is made once for a list of mounts and a Python version, by that Python in a container of the
/// image, and kept as a layer that lies above the mounts. It is marked as unchecked, so it holds
/// whatever times the files have. Nothing waits for it, and nothing depends on it: where it cannot
/// be made, containers start without.
public final class BytecodeLayers implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BytecodeLayers.class);

  /// The directories of the platform's files in a container.
  static final List<String> PLATFORM_DIRECTORIES = List.of("pkg", "__modal");

  /// Longest time that a compilation takes before it is given up.
  static final Duration COMPILATION_LIMIT = Duration.ofMinutes(5);

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
  private static final int MEMORY_LIMIT_MIB = 2_048;
  private static final int KEY_HEX_DIGITS = 24;
  private static final int MAX_REMEMBERED_OUTPUT = 2_000;

  private final LayerStore layers;
  private final OverlayRoots roots;
  private final LayerCommand command;
  private final Set<LayerId> underWayOrFailed = ConcurrentHashMap.newKeySet();
  private final Set<Thread> compiling = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  // Compiling takes processor time from the containers that are starting just then.
  private final Semaphore oneAtATime = new Semaphore(1);

  public BytecodeLayers(LayerStore layers, OverlayRoots roots, ContainerRuntime runtime) {
    this.layers = layers;
    this.roots = roots;
    this.command = new LayerCommand(runtime);
  }

  /// The bytecode of these mounts, when it is there already.
  public Optional<Layer> find(PythonTag python, List<MountTree> mounts) {
    return layers.find(idOf(python, mounts)).filter(layer -> !layer.empty());
  }

  /// Begins to compile in the background, unless it is done, under way, or failed before.
  ///
  /// @param image layers of an image with this Python, top to bottom
  public void prepare(PythonTag python, List<Path> image, List<MountTree> mounts) {
    LayerId id = idOf(python, mounts);
    if (mounts.isEmpty() || layers.find(id).isPresent() || !underWayOrFailed.add(id)) {
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name("compile " + id)
            .unstarted(() -> compileInTurn(id, python, image, mounts));
    compiling.add(thread);
    thread.start();
    if (closed) {
      thread.interrupt();
    }
  }

  private void compileInTurn(
      LayerId id, PythonTag python, List<Path> image, List<MountTree> mounts) {
    try {
      oneAtATime.acquire();
      try {
        compile(id, python, image, mounts);
        // It may be removed one day, and is compiled again then.
        underWayOrFailed.remove(id);
      } finally {
        oneAtATime.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | TimeoutException | RuntimeException e) {
      log.warn("containers start without the bytecode layer {}: {}", id, e.toString());
    } finally {
      compiling.remove(Thread.currentThread());
    }
  }

  /// Stops what is being compiled, and returns when nothing of it is left.
  @Override
  public void close() {
    closed = true;
    compiling.forEach(Thread::interrupt);
    try {
      for (Thread thread : compiling) {
        thread.join(STOP_PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Compiles now.
  void compile(LayerId id, PythonTag python, List<Path> image, List<MountTree> mounts)
      throws IOException, InterruptedException, TimeoutException {
    long begun = System.nanoTime();
    List<Path> lowers = new ArrayList<>();
    mounts.reversed().forEach(mount -> lowers.add(mount.root()));
    lowers.addAll(image);
    try (LayerStaging staging = layers.stage()) {
      StringBuilder said = new StringBuilder();
      Exit exit;
      try (RootFilesystem root = roots.mount(staging, lowers)) {
        exit = run(id, python, root, said);
      }
      keepOnlyBytecode(staging.diff());
      Layer layer = staging.commit(id);
      log.info(
          "{} of bytecode in {} ms: {} bytes, exit code {}{}",
          id,
          (System.nanoTime() - begun) / 1_000_000,
          layer.sizeBytes(),
          exit.code(),
          said.isEmpty() ? "" : ", " + said.toString().strip());
    }
  }

  private Exit run(LayerId id, PythonTag python, RootFilesystem root, StringBuilder said)
      throws IOException, InterruptedException, TimeoutException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                python.executable(),
                "-I",
                "-m",
                "compileall",
                "-q",
                "--invalidation-mode",
                "unchecked-hash"));
    for (String directory : PLATFORM_DIRECTORIES) {
      if (Files.isDirectory(root.root().resolve(directory))) {
        arguments.add("/" + directory);
      }
    }
    ContainerSpec spec =
        ContainerSpec.of(containerId(id), root.root(), arguments)
            .withNetwork(Network.BLOCKED)
            .withResources(new Resources(0, 0, 0, MEMORY_LIMIT_MIB), 0)
            .withEnvironment(Map.of("PATH", PythonTag.DEFAULT_PATH, "LANG", "C.UTF-8"));
    return command.run(
        spec,
        (_, _, text) -> {
          synchronized (said) {
            if (said.length() < MAX_REMEMBERED_OUTPUT) {
              said.append(text);
            }
          }
        },
        COMPILATION_LIMIT);
  }

  /// Takes away what starting the container left beside the bytecode.
  private static void keepOnlyBytecode(Path diff) throws IOException {
    try (Stream<Path> children = Files.list(diff)) {
      for (Path child : children.toList()) {
        if (!PLATFORM_DIRECTORIES.contains(child.getFileName().toString())) {
          Trees.delete(child);
        }
      }
    }
  }

  private static LayerId idOf(PythonTag python, List<MountTree> mounts) {
    StringBuilder key = new StringBuilder(python.minor());
    mounts.forEach(mount -> key.append(' ').append(mount.id()));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(key.toString().getBytes(StandardCharsets.UTF_8));
      return new LayerId(
          "bytecode-%s-%s"
              .formatted(
                  python.minor(), HexFormat.of().formatHex(digest).substring(0, KEY_HEX_DIGITS)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  private static String containerId(LayerId id) {
    return id.value().replace('.', '-');
  }
}
