package dev.slipway.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.Resources;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.container.ContainerSpec.Bind;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.ContainerSpec.Privileges;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.network.HostAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Real containers without outbound network. Needs root and the runtime's programs.
@Tag("integration")
@Timeout(60)
class CrunRuntimeTest {
  @TempDir Path directory;

  private Installation installation;
  private Cgroups cgroups;
  private CrunRuntime runtime;
  private HostRoot root;
  private final CollectedOutput output = new CollectedOutput();

  @BeforeEach
  void install() throws IOException {
    installation = Installation.of(directory.resolve("data"));
    cgroups = new Cgroups(CgroupLayout.detect(), installation.cgroup());
    runtime =
        new CrunRuntime(
            installation,
            RuntimePrograms.find(),
            cgroups,
            new NoOutboundNetwork(),
            new HostAccess("", Optional.empty(), Map.of()),
            Clock.systemUTC());
    root = HostRoot.make(directory.resolve("root"));
  }

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    assertThat(cgroups.list()).isEmpty();
    cgroups.removeAll();
    try (Stream<Path> bundles = Files.list(installation.runDirectory().resolve("containers"));
        Stream<Path> states = Files.list(installation.runDirectory().resolve("crun"))) {
      assertThat(bundles).isEmpty();
      assertThat(states.filter(path -> !path.endsWith(".cache"))).isEmpty();
    }
    runtime.close();
    assertThat(installation.rootAnchor()).doesNotExist();
  }

  @Test
  void runsAProgramAndSaysHowItEnded() throws Exception {
    Exit exit = run(root.spec("a", "sh", "-c", "echo out; echo err >&2; exit 3"));

    assertThat(output.stdout()).isEqualTo("out\n");
    assertThat(output.stderr()).isEqualTo("err\n");
    assertThat(exit.code()).isEqualTo(3);
    assertThat(exit.cause()).isEqualTo(Exit.Cause.EXITED);
    assertThat(exit.sentence()).contains("status 3");
    assertThat(exit.peakMemoryBytes()).isPositive();
  }

  @Test
  void rootInsideIsAnUnprivilegedUserOutside() throws Exception {
    run(root.spec("a", "sh", "-c", "id -u; id -g; touch /tmp/mine"));

    assertThat(output.stdout()).isEqualTo("0\n0\n");
    assertThat(Files.getAttribute(root.directory().resolve("tmp/mine"), "unix:uid"))
        .isEqualTo(Ownership.CONTAINER_ROOT);
  }

  @Test
  void aNamedUserHasItsGroupsAndHome() throws Exception {
    run(root.spec("a", "sh", "-c", "id -u; id -G; echo $HOME").withUser("worker"));

    assertThat(output.stdout()).isEqualTo("1000\n1000 50\n/home/worker\n");
  }

  @Test
  void anUnknownUserIsRefusedWithItsName() {
    assertThatThrownBy(() -> run(root.spec("a", "true").withUser("nobody-knows")))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("nobody-knows");
  }

  @Test
  void theWorkingDirectoryIsMadeAndTheEnvironmentIsTheSpecifications() throws Exception {
    run(
        root.spec("a", "sh", "-c", "pwd; env")
            .withWorkingDirectory("/tmp/deep/inside")
            .withEnvironment(Map.of("GREETING", "grüß dich", "HOME", "/tmp")));

    assertThat(output.stdout().lines())
        .startsWith("/tmp/deep/inside")
        .contains("GREETING=grüß dich", "HOME=/tmp", "PATH=" + CrunRuntime.DEFAULT_PATH)
        .noneMatch(line -> line.startsWith("JAVA_HOME"));
  }

  @Test
  void aMissingCommandIsNamed() throws Exception {
    Exit exit = run(root.spec("a", "no-such-program"));

    assertThat(exit.code()).isEqualTo(127);
    assertThat(exit.sentence()).contains("no-such-program");
  }

  @Test
  void aBindOfNothingFailsTheStart() {
    assertThatThrownBy(
            () -> run(root.spec("a", "true").withBind(new Bind(Path.of("/none"), "/x", true))))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("did not start")
        .hasMessageContaining("/none");
  }

  @Test
  void interruptRunsPythonsExitHooks() throws Exception {
    RunningContainer container =
        start(
            root.spec(
                "a",
                "/usr/bin/python3",
                "-u",
                "-c",
                """
                import time
                try:
                    print("ready")
                    time.sleep(60)
                except KeyboardInterrupt:
                    print("hooks ran")
                """),
            output);
    output.await("ready\n");

    container.interrupt();
    Exit exit = container.waitForExit();

    assertThat(output.stdout()).isEqualTo("ready\nhooks ran\n");
    assertThat(exit.cause()).isEqualTo(Exit.Cause.STOPPED);
    assertThat(exit.code()).isZero();
  }

  @Test
  void aSignalFromTheTerminalDoesNotReachTheContainer() throws Exception {
    RunningContainer container = start(root.spec("a", "sh", "-c", "echo up; sleep 50"), output);
    output.await("up");
    String own = processGroup(ProcessHandle.current().pid());

    assertThat(cgroups.list()).containsExactly("a");
    assertThat(ProcessHandle.current().children().map(child -> processGroup(child.pid())))
        .isNotEmpty()
        .doesNotContain(own);

    container.kill();
    container.waitForExit();
  }

  private static String processGroup(long pid) {
    try {
      // "pid (name) state parent group …"
      String line = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return line.substring(line.lastIndexOf(')')).split(" ")[3];
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void killEndsEveryProcess() throws Exception {
    RunningContainer container =
        start(
            root.spec(
                "a", "sh", "-c", "trap '' INT TERM; setsid sleep 50 & echo ready; wait; wait"),
            output);
    output.await("ready");

    container.kill();
    Exit exit = container.waitForExit();

    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.cause()).isEqualTo(Exit.Cause.STOPPED);
  }

  @Test
  void aSecondContainerOfTheSameNameIsRefusedAndTheFirstGoesOn() throws Exception {
    RunningContainer first =
        runtime.run(
            root.spec("a", "sh", "-c", "echo up; sleep 50").withNetwork(Network.BLOCKED), output);
    output.await("up");

    assertThatThrownBy(() -> start(root.spec("a", "true"), output))
        .hasMessageContaining("'a' runs here already");

    first.kill();
    assertThat(first.waitForExit().cause()).isEqualTo(Exit.Cause.STOPPED);
  }

  @Test
  void memoryBeyondTheLimitEndsTheContainerAndIsToldApart() throws Exception {
    Exit exit =
        run(
            root.spec("a", "/usr/bin/python3", "-c", "x = bytearray(300 << 20)")
                .withResources(new Resources(0, 0, 0, 64), 0));

    assertThat(exit.cause()).isEqualTo(Exit.Cause.OUT_OF_MEMORY);
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.sentence()).contains("64 MiB");
    assertThat(exit.peakMemoryBytes()).isBetween(60L << 20, 64L << 20);
  }

  @Test
  void aChildThatRunsOutOfMemoryIsMentioned() throws Exception {
    Exit exit =
        run(
            root.spec("a", "sh", "-c", "/usr/bin/python3 -c 'x = bytearray(300 << 20)'; exit 4")
                .withResources(new Resources(0, 0, 0, 64), 0));

    assertThat(exit.cause()).isEqualTo(Exit.Cause.EXITED);
    assertThat(exit.sentence()).contains("killed 1 of its processes").contains("64 MiB");
  }

  @Test
  void processesAreLimited() throws Exception {
    run(
        root.spec(
                "a",
                "/usr/bin/python3",
                "-c",
                """
                import os, signal, time
                count = 0
                try:
                    while count < 100:
                        if os.fork() == 0:
                            time.sleep(50)
                        count += 1
                except BlockingIOError:
                    print("stopped at", count)
                """)
            .withResources(new Resources(0, 0, 0, 0), 20));

    assertThat(output.stdout()).isEqualTo("stopped at 19\n");
  }

  @Test
  void processorTimeIsLimited() throws Exception {
    run(
        root.spec(
                "a",
                "/usr/bin/python3",
                "-c",
                """
                import time
                begun = time.monotonic()
                while time.monotonic() - begun < 1.5: pass
                print(time.process_time() / (time.monotonic() - begun))
                """)
            .withResources(new Resources(0, 300, 0, 0), 0));

    assertThat(Double.parseDouble(output.stdout())).isPositive().isLessThan(0.4);
  }

  @Test
  void whatCouldReachTheHostIsDenied() throws Exception {
    run(
        root.spec(
            "a",
            "/usr/bin/python3",
            "-c",
            """
            import ctypes, errno, os, socket
            libc = ctypes.CDLL(None, use_errno=True)
            def call(name, *arguments):
                ctypes.set_errno(0)
                result = getattr(libc, name)(*arguments)
                print(name, result, errno.errorcode.get(ctypes.get_errno(), 0))
            call("mount", b"none", b"/tmp", b"tmpfs", 0, None)
            call("unshare", 0x10000000)
            call("setns", 0, 0)
            call("umount2", b"/proc", 2)
            call("reboot", 0)
            call("syscall", 321, 0, 0, 0)
            call("syscall", 425, 8, 0)
            call("clone", None, None, 0x10000000, None)
            call("chroot", b"/tmp")
            for family in (17, 38, 40):
                try:
                    socket.socket(family, socket.SOCK_RAW)
                    print("socket", family)
                except OSError as failure:
                    print("no socket", family)
            for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/hostname"):
                try:
                    open(path, "w").write("x")
                    print("wrote", path)
                except OSError:
                    print("read-only", path)
            print(sorted(os.listdir("/sys")), os.path.exists("/dev/sda"), os.listdir("/proc/acpi"))
            """));

    assertThat(output.stderr()).isEmpty();
    assertThat(output.stdout().lines())
        .contains(
            "mount -1 EPERM",
            "unshare -1 EPERM",
            "setns -1 EPERM",
            "umount2 -1 EPERM",
            "reboot -1 EPERM",
            "syscall -1 EPERM",
            "syscall -1 ENOSYS",
            "chroot -1 EPERM",
            "no socket 17",
            "no socket 38",
            "no socket 40",
            "read-only /proc/sysrq-trigger",
            "read-only /proc/sys/kernel/hostname",
            "['devices', 'kernel'] False []");
    assertThat(output.stdout()).doesNotContain("wrote").doesNotContain("mount 0");
  }

  @Test
  void ordinaryProgramsAreNotDisturbed() throws Exception {
    run(
        root.spec(
            "a",
            "/usr/bin/python3",
            "-c",
            """
            import asyncio, multiprocessing, os, pty, signal, socket, subprocess, threading
            if __name__ == "__main__":
                pool = multiprocessing.get_context("fork").Pool(2)
                assert pool.map(abs, [-1, -2]) == [1, 2]
                thread = threading.Thread(target=lambda: None); thread.start(); thread.join()
                assert subprocess.run(["sh", "-c", "echo hi"], capture_output=True).stdout == b"hi\\n"
                server = socket.create_server(("localhost", 0))
                socket.create_connection(server.getsockname())
                pty.openpty()
                open("/dev/shm/x", "w").write("x")
                os.urandom(4)
                asyncio.run(asyncio.sleep(0))
                assert socket.gethostbyname(socket.gethostname())
                assert len(os.sched_getaffinity(0)) >= 1
                print("fine")
            """));

    assertThat(output.stderr()).isEmpty();
    assertThat(output.stdout()).isEqualTo("fine\n");
  }

  @Test
  void buildStepsMayChangeRootAndOwners() throws Exception {
    Exit exit =
        run(
            root.spec("a", "sh", "-c", "touch /tmp/x && chown 7:8 /tmp/x && stat -c %u:%g /tmp/x")
                .withPrivileges(Privileges.BUILD));

    assertThat(exit.code()).isZero();
    assertThat(output.stdout()).isEqualTo("7:8\n");
  }

  @Test
  void aSinkThatBlocksHoldsTheContainerAndLosesNothing() throws Exception {
    Semaphore permits = new Semaphore(1);
    RunningContainer container =
        start(
            root.spec("a", "sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2"),
            (stream, time, text) -> {
              permits.acquire();
              output.accept(stream, time, text);
              if (stream == OutputStreamKind.STDERR) {
                permits.release();
              }
            });
    Thread.sleep(300);
    assertThat(output.stdout().length()).isLessThan(200_000);
    assertThat(output.stderr()).isEmpty();

    permits.release(1_000_000);
    container.waitForExit();

    assertThat(output.stdout()).hasSize(1_000_000);
    assertThat(output.stderr()).isEqualTo("end\n");
  }

  @Test
  void charactersAreNeverCutInTwo() throws Exception {
    java.util.List<String> pieces = new java.util.ArrayList<>();
    start(
            root.spec(
                "a",
                "/usr/bin/python3",
                "-c",
                """
                import sys, time
                text = "añ€😀".encode() * 9000
                for begin in range(0, len(text), 4099):
                    sys.stdout.buffer.write(text[begin:begin + 4099]); sys.stdout.buffer.flush()
                sys.stdout.buffer.write(b"\\xff\\xf0\\x9f"); sys.stdout.buffer.flush()
                """),
            (_, _, text) -> {
              synchronized (pieces) {
                pieces.add(text);
              }
            })
        .waitForExit();

    assertThat(pieces).hasSizeGreaterThan(3);
    assertThat(String.join("", pieces)).startsWith("añ€😀".repeat(9000)).endsWith("\ufffd\ufffd");
    assertThat(String.join("", pieces).chars().filter(c -> c == '\ufffd').count()).isEqualTo(2);
  }

  @Test
  void withoutNetworkThereIsLoopbackOnly() throws Exception {
    run(root.spec("a", "sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1; cat /proc/net/route"));

    assertThat(output.stdout().lines().map(String::strip)).first().isEqualTo("lo");
    assertThat(output.stdout()).doesNotContain("eth");
  }

  private Exit run(ContainerSpec spec) throws InterruptedException {
    return start(spec, output).waitForExit();
  }

  private RunningContainer start(ContainerSpec spec, OutputSink sink) throws InterruptedException {
    return runtime.run(spec.withNetwork(Network.BLOCKED), sink);
  }
}
