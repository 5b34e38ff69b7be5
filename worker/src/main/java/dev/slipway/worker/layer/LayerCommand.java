package dev.slipway.worker.layer;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.worker.container.ContainerRuntime;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.container.OutputSink;
import dev.slipway.worker.container.RunningContainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/// Runs a command whose changes to its root file system are kept as part of a layer. What only the
/// running of a container put there (the empty files and directories that things are mounted on) is
/// taken away again.
public final class LayerCommand {
  /// Files that a container may have mounted over its root file system besides its binds.
  private static final List<String> MOUNTED_FILES =
      List.of("/etc/resolv.conf", "/etc/hosts", "/etc/hostname");

  /// Directories in which more may be mounted, and in which an image has nothing to keep.
  private static final List<String> MOUNTED_DIRECTORIES = List.of("dev", "proc", "sys", "__modal");

  private final ContainerRuntime runtime;

  public LayerCommand(ContainerRuntime runtime) {
    this.runtime = runtime;
  }

  /// Runs a container to its end. When the calling thread is interrupted, or the time is over, the
  /// container is killed and gone before this returns.
  ///
  /// @throws TimeoutException when it ran longer than the limit
  public Exit run(ContainerSpec spec, OutputSink output, Duration limit)
      throws IOException, InterruptedException, TimeoutException {
    List<Path> missing = missingMountPoints(spec);
    Set<Path> before = mountedDirectories(spec.rootfs());
    try {
      return runToEnd(spec, output, limit);
    } finally {
      // Deepest first, so that a directory is empty when its turn comes.
      for (Path path : missing.reversed()) {
        if (!leadsThroughLink(spec.rootfs(), path)) {
          removeIfEmpty(path);
        }
      }
      List<Path> after = new ArrayList<>(mountedDirectories(spec.rootfs()));
      for (Path path : after.reversed()) {
        if (!before.contains(path)) {
          removeIfEmpty(path);
        }
      }
    }
  }

  private Exit runToEnd(ContainerSpec spec, OutputSink output, Duration limit)
      throws InterruptedException, TimeoutException {
    RunningContainer container = runtime.run(spec, output);
    AtomicBoolean late = new AtomicBoolean();
    Thread guard =
        Thread.ofVirtual()
            .name("limit of " + spec.id())
            .start(() -> {
              try {
                TimeUnit.MILLISECONDS.sleep(limit.toMillis());
                late.set(true);
                container.kill();
              } catch (InterruptedException e) {
                // It ended in time.
                Thread.currentThread().interrupt();
              }
            });
    Exit exit;
    try {
      exit = container.waitForExit();
    } catch (InterruptedException e) {
      endAfterInterrupt(container);
      throw e;
    } finally {
      guard.interrupt();
    }
    if (late.get()) {
      throw new TimeoutException("it ran longer than " + limit.toSeconds() + " seconds");
    }
    return exit;
  }

  /// Kills a container and waits until it is gone, whatever interrupts this thread meanwhile.
  private static void endAfterInterrupt(RunningContainer container) {
    container.kill();
    while (true) {
      try {
        container.waitForExit();
        return;
      } catch (InterruptedException e) {
        // Its root file system may not be taken away before it is gone.
        continue;
      }
    }
  }

  private static List<Path> missingMountPoints(ContainerSpec spec) {
    LinkedHashSet<Path> missing = new LinkedHashSet<>();
    Stream<String> binds = spec.binds().stream().map(ContainerSpec.Bind::destination);
    for (String point : Stream.concat(MOUNTED_FILES.stream(), binds).toList()) {
      Path path = spec.rootfs();
      for (Path name : Path.of(point.substring(1)).normalize()) {
        path = path.resolve(name);
        if (!Files.exists(path, NOFOLLOW_LINKS)) {
          missing.add(path);
        }
      }
    }
    return new ArrayList<>(missing);
  }

  /// Everything at and below the directories in which things are mounted, parents first.
  private static Set<Path> mountedDirectories(Path root) throws IOException {
    Set<Path> found = new LinkedHashSet<>();
    for (String name : MOUNTED_DIRECTORIES) {
      Path directory = root.resolve(name);
      if (Files.isDirectory(directory, NOFOLLOW_LINKS)) {
        try (Stream<Path> paths = Files.walk(directory)) {
          paths.forEach(found::add);
        }
      }
    }
    return found;
  }

  /// Whether the command put a symbolic link in the way, which could lead out of the image.
  private static boolean leadsThroughLink(Path root, Path path) {
    Path directory = root;
    for (Path name : root.relativize(path)) {
      if (Files.isSymbolicLink(directory)) {
        return true;
      }
      directory = directory.resolve(name);
    }
    return false;
  }

  private static void removeIfEmpty(Path path) throws IOException {
    if (Files.isDirectory(path, NOFOLLOW_LINKS)) {
      try (Stream<Path> children = Files.list(path)) {
        if (children.findAny().isPresent()) {
          return;
        }
      }
      Files.delete(path);
    } else if (Files.isRegularFile(path, NOFOLLOW_LINKS) && Files.size(path) == 0) {
      Files.delete(path);
    }
  }
}
