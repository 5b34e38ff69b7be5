package dev.slipway.worker.layer;

import dev.slipway.worker.container.ContainerRuntime;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.container.OutputSink;
import dev.slipway.worker.container.OutputStreamKind;
import dev.slipway.worker.container.RunningContainer;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Runs real containers with crun, with the host's network and without limits: enough for tests of
/// what becomes of root file systems.
public final class CrunFixture implements ContainerRuntime {
  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  private static final Path CERTIFICATES = Path.of("/etc/ssl/certs/ca-certificates.crt");

  private final Path bundles;

  public CrunFixture(Path bundles) {
    this.bundles = bundles;
  }

  @Override
  public RunningContainer run(ContainerSpec spec, OutputSink output) {
    try {
      Path bundle = Files.createDirectories(bundles.resolve(spec.id()));
      Files.write(
          bundle.resolve("config.json"),
          JsonMapper.builder().build().writeValueAsBytes(configuration(spec)));
      // crun refuses machines that have both cgroup versions mounted.
      String script =
          "if [ -d /sys/fs/cgroup/unified ]; then umount /sys/fs/cgroup/unified; fi;"
              + " exec crun --cgroup-manager=disabled run -b \"$0\" \"$1\"";
      Process process =
          new ProcessBuilder(
                  "unshare",
                  "-m",
                  "--propagation",
                  "slave",
                  "sh",
                  "-c",
                  script,
                  bundle.toString(),
                  spec.id())
              .start();
      return new Running(
          spec.id(),
          process,
          List.of(
              read(process.inputReader(), OutputStreamKind.STDOUT, output),
              read(process.errorReader(), OutputStreamKind.STDERR, output)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Thread read(Reader reader, OutputStreamKind kind, OutputSink output) {
    return Thread.ofVirtual()
        .start(() -> {
          char[] buffer = new char[8_192];
          try {
            for (int length; (length = reader.read(buffer)) > 0; ) {
              output.accept(
                  kind, System.currentTimeMillis() * 1_000_000, new String(buffer, 0, length));
            }
          } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  private static Map<String, Object> configuration(ContainerSpec spec) {
    Map<String, String> environment = new LinkedHashMap<>(spec.environment());
    environment.putIfAbsent("PATH", "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.putIfAbsent("PIP_CERT", CERTIFICATES.toString());
    environment.putIfAbsent("SSL_CERT_FILE", CERTIFICATES.toString());
    List<Object> mounts = new ArrayList<>();
    mounts.add(mount("/proc", "proc", "proc"));
    mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755"));
    mounts.add(mount("/sys", "bind", "/sys", "rbind", "ro"));
    mounts.add(mount("/etc/resolv.conf", "bind", "/etc/resolv.conf", "bind", "ro"));
    mounts.add(mount(CERTIFICATES.toString(), "bind", CERTIFICATES.toString(), "bind", "ro"));
    for (ContainerSpec.Bind bind : spec.binds()) {
      mounts.add(
          mount(
              bind.destination(),
              "bind",
              bind.source().toString(),
              "bind",
              bind.readOnly() ? "ro" : "rw"));
    }
    Object ids = List.of(Map.of("containerID", 0, "hostID", 100_000, "size", 65_536));
    return Map.of(
        "ociVersion",
        "1.0.2",
        "process",
        Map.of(
            "user",
            Map.of("uid", 0, "gid", 0),
            "args",
            spec.arguments(),
            "env",
            environment.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList(),
            "cwd",
            spec.workingDirectory(),
            "capabilities",
            Map.of("bounding", CAPABILITIES, "effective", CAPABILITIES, "permitted", CAPABILITIES)),
        "root",
        Map.of("path", spec.rootfs().toString()),
        "mounts",
        mounts,
        "linux",
        Map.of(
            "uidMappings",
            ids,
            "gidMappings",
            ids,
            "namespaces",
            List.of(
                Map.of("type", "pid"),
                Map.of("type", "mount"),
                Map.of("type", "ipc"),
                Map.of("type", "uts"),
                Map.of("type", "user"))));
  }

  private static Map<String, Object> mount(
      String destination, String type, String source, String... options) {
    return Map.of(
        "destination", destination, "type", type, "source", source, "options", List.of(options));
  }

  private record Running(String id, Process process, List<Thread> readers)
      implements RunningContainer {
    @Override
    public void interrupt() {
      process.destroy();
    }

    @Override
    public void kill() {
      try {
        new ProcessBuilder("crun", "kill", id, "KILL").start().waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public Exit waitForExit() throws InterruptedException {
      int code = process.waitFor();
      for (Thread reader : readers) {
        reader.join();
      }
      return new Exit(code, Exit.Cause.EXITED, 0, "it ended with exit code " + code);
    }
  }
}
