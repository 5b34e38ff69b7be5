package dev.slipway.worker.container;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.machine.Directories;
import dev.slipway.worker.machine.Posix;
import dev.slipway.worker.machine.Program;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts the OCI runtime, each time from a thread with a mount namespace of its own, which the
/// runtime's process inherits.
///
/// In it the container's root file system is bound to a place that the container's root may reach
/// (the data directory can lie below a home that only its owner may enter), without devices; and
/// the version 2 control groups that the runtime refuses to see beside version 1 are taken away, as
/// are the disks of other containers, which would otherwise outlive those. The host's own mounts
/// stay as they are.
final class RuntimeProcess {
  /// Joins the control groups named before the two dashes, then becomes what follows.
  private static final String JOIN_AND_RUN =
      "while [ \"$1\" != -- ]; do echo $$ > \"$1\" || exit 125; shift; done; shift; exec \"$@\"";

  private static final long MS_REMOUNT = 32;
  private static final int PID_BYTES = 32;
  private static final Logger log = LoggerFactory.getLogger(RuntimeProcess.class);

  private final RuntimePrograms programs;
  private final CgroupLayout layout;
  private final Path stateDirectory;
  private final Path rootAnchor;
  private final Path disks;
  private final boolean interruptIsIgnored;

  /// @param stateDirectory where the runtime keeps its own state
  /// @param rootAnchor existing directory that every user can pass through to
  /// @param disks below it are containers' disks, which no other container may keep alive
  RuntimeProcess(
      RuntimePrograms programs,
      CgroupLayout layout,
      Path stateDirectory,
      Path rootAnchor,
      Path disks) {
    this.programs = programs;
    this.layout = layout;
    this.stateDirectory = stateDirectory;
    this.rootAnchor = rootAnchor;
    this.disks = disks;
    this.interruptIsIgnored = ignores(Posix.SIGINT);
  }

  /// A started runtime.
  ///
  /// @param pid the container's first process; 0 when the runtime ended before it made one
  record Started(Process process, long pid) {}

  Path root() {
    return rootAnchor;
  }

  /// @param fifo named pipe that takes the number of the container's first process
  Started start(String id, Path bundle, Path fifo, Path rootfs, List<Path> joinFiles)
      throws InterruptedException {
    FutureTask<Started> task =
        new FutureTask<>(() -> startHere(command(id, bundle, fifo, joinFiles), fifo, rootfs));
    CountDownLatch done = new CountDownLatch(1);
    Thread.ofPlatform()
        .name("start " + id)
        .daemon()
        .start(() -> {
          task.run();
          done.countDown();
          if (rootfs.startsWith(disks)) {
            letGo(task);
          }
        });
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "the container %s cannot be started: %s".formatted(id, e.getMessage()),
          e);
    } finally {
      // Whatever happened, no process may appear after the caller has cleaned up.
      done.await();
    }
  }

  /// Threads that the JDK began meanwhile, such as the one that waits for the process, have the
  /// namespace of the thread that began them, and are kept for other work. So that a disk does not
  /// live as long as they do, it is taken out of the namespace when the container has ended.
  private void letGo(FutureTask<Started> task) {
    try {
      if (task.state() == Future.State.SUCCESS) {
        task.resultNow().process().waitFor();
      }
      Posix.unmountIfMounted(rootAnchor.toString(), Posix.MNT_DETACH);
    } catch (IOException | InterruptedException e) {
      log.warn("a disk stays until threads of {} end: {}", rootAnchor, e.toString());
    }
  }

  /// Removes what the runtime keeps about a container that it did not clean up itself.
  void forget(String id) throws InterruptedException {
    if (Files.exists(stateDirectory.resolve(id))) {
      Program.run(
          List.of(
              programs.crun().toString(),
              "--root",
              stateDirectory.toString(),
              "--cgroup-manager=disabled",
              "delete",
              "--force",
              id),
          "",
          Program.USUAL_TIME);
      Directories.delete(stateDirectory.resolve(id));
    }
  }

  private List<String> command(String id, Path bundle, Path fifo, List<Path> joinFiles) {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of(
            programs.setsid().toString(), programs.shell().toString(), "-c", JOIN_AND_RUN, "sh"));
    joinFiles.forEach(file -> words.add(file.toString()));
    words.add("--");
    if (interruptIsIgnored) {
      words.addAll(List.of(programs.env().toString(), "--default-signal=INT"));
    }
    words.addAll(
        List.of(
            programs.crun().toString(),
            "--root",
            stateDirectory.toString(),
            "--cgroup-manager=disabled",
            "run",
            "--bundle",
            bundle.toString(),
            "--pid-file",
            fifo.toString(),
            id));
    return words;
  }

  private Started startHere(List<String> command, Path fifo, Path rootfs) throws IOException {
    Posix.unshare(Posix.CLONE_FS | Posix.CLONE_NEWNS);
    Posix.mount("none", "/", "", Posix.MS_REC | Posix.MS_SLAVE, "");
    if (layout instanceof CgroupLayout.V1(_, var unified) && unified.isPresent()) {
      Posix.unmount(unified.get().toString(), Posix.MNT_DETACH);
    }
    String anchor = rootAnchor.toString();
    Posix.mount(rootfs.toString(), anchor, "", Posix.MS_BIND | Posix.MS_REC, "");
    Posix.mount("none", anchor, "", Posix.MS_BIND | MS_REMOUNT | Posix.MS_NODEV, "");
    // The bind above keeps what is this container's own.
    Posix.unmountIfMounted(disks.toString(), Posix.MNT_DETACH);
    // Open for both directions, so that neither side waits for the other to open.
    try (RandomAccessFile pipe = new RandomAccessFile(fifo.toFile(), "rw")) {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().clear();
      builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
      builder.redirectInput(Path.of("/dev/null").toFile());
      Process process = builder.start();
      CompletableFuture<Void> ended = process.onExit().thenAccept(_ -> wake(fifo));
      try {
        byte[] buffer = new byte[PID_BYTES];
        int count = pipe.read(buffer);
        String number = new String(buffer, 0, Math.max(0, count), StandardCharsets.US_ASCII);
        return new Started(process, number.isBlank() ? 0 : Long.parseLong(number.strip()));
      } catch (IOException e) {
        process.destroyForcibly();
        ended.join();
        throw e;
      }
    }
  }

  /// A runtime that ended writes no number any more.
  private static void wake(Path fifo) {
    try (RandomAccessFile pipe = new RandomAccessFile(fifo.toFile(), "rw")) {
      pipe.write('\n');
    } catch (IOException e) {
      // The pipe is gone: its number was read, and the container ended and was cleaned up.
      return;
    }
  }

  private static boolean ignores(int signal) {
    try {
      String mask =
          Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("SigIgn:"))
              .findFirst()
              .orElse("SigIgn: 0");
      return (Long.parseUnsignedLong(mask.substring(mask.indexOf(':') + 1).strip(), 16)
                  >> (signal - 1)
              & 1)
          == 1;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
