package dev.slipway.worker.cleanup;

import dev.slipway.worker.cgroup.CgroupLayout;
import dev.slipway.worker.cgroup.Cgroups;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.CrunRuntime;
import dev.slipway.worker.container.HostRoot;
import dev.slipway.worker.container.RuntimePrograms;
import dev.slipway.worker.kernel.FileSystems;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Program;
import dev.slipway.worker.network.HostAccess;
import dev.slipway.worker.network.Namespaces;
import dev.slipway.worker.network.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A worker's process for the tests to kill: it makes one of each thing that a worker has in the
/// kernel, says so, and waits.
public final class AbandonedWorker {
  private AbandonedWorker() {}

  /// @param arguments the data directory, and an empty directory for a root file system
  public static void main(String[] arguments) throws Exception {
    Installation installation = Installation.of(Path.of(arguments[0]));
    String namespace = installation.namespacePrefix() + "1";
    Program.require("ip", "link", "add", installation.bridge(), "type", "bridge");
    Program.require("ip", "netns", "add", namespace);
    Program.require(
        "ip",
        "link",
        "add",
        installation.cablePrefix() + "1",
        "type",
        "veth",
        "peer",
        "name",
        "eth0",
        "netns",
        namespace);
    Program.require("nft", "add", "table", "inet", installation.filterTable());
    Path layers = Files.createDirectories(installation.directory().resolve("layers"));
    Path mount = Files.createDirectories(installation.directory().resolve("roots/x"));
    for (String name : List.of("lower", "upper", "work")) {
      Files.createDirectory(layers.resolve(name));
    }
    FileSystems.mountOverlay(
        new FileSystems.Overlay(
            List.of(layers.resolve("lower")),
            layers.resolve("upper"),
            layers.resolve("work"),
            List.of()),
        mount);
    Namespaces namespaces =
        new Namespaces() {
          @Override
          public NetworkNamespace acquire() {
            return new NetworkNamespace(
                1, namespace, Path.of("/run/netns", namespace), "192.0.2.77");
          }

          @Override
          public void release(NetworkNamespace returned) {
            throw new IllegalStateException("this worker is killed before its container ends");
          }
        };
    CrunRuntime runtime =
        new CrunRuntime(
            installation,
            RuntimePrograms.find(),
            new Cgroups(CgroupLayout.detect(), installation.cgroup()),
            namespaces,
            new HostAccess("", Optional.empty(), Map.of()),
            Clock.systemUTC());
    ContainerSpec spec =
        HostRoot.make(Path.of(arguments[1]))
            .spec("abandoned", "sh", "-c", "echo up; while :; do sleep 1; done")
            .withNetwork(Network.OUTBOUND);
    runtime.run(spec, (_, _, text) -> System.out.print(text)).waitForExit();
  }
}
