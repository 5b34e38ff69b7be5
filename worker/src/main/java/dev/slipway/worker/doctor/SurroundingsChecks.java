package dev.slipway.worker.doctor;

import dev.slipway.images.outbound.LazyClient;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Installation;
import dev.slipway.worker.machine.Program;
import dev.slipway.worker.network.FreeSubnet;
import dev.slipway.worker.network.Resolvers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// The disk, the network, and what is reached through it.
final class SurroundingsChecks {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// Below the first no image can be built, below the second not many.
  private static final long LEAST_DISK_BYTES = 1L << 30;

  private static final long GOOD_DISK_BYTES = 10L << 30;
  private static final String USUAL_INDEX = "https://pypi.org/simple";
  private static final URI USUAL_REGISTRY = URI.create("https://registry-1.docker.io/v2/");
  private static final List<String> INTERPRETER_DIRECTORIES =
      List.of(".pyenv/versions", ".local/share/uv/python");

  private final Installation installation;
  private final Map<String, String> environment;

  SurroundingsChecks(Installation installation, Map<String, String> environment) {
    this.installation = installation;
    this.environment = environment;
  }

  Finding subnet() throws InterruptedException {
    if (Program.find("ip").isEmpty()) {
      return Finding.missing("subnet", "it cannot be chosen without the program ip", "see ip");
    }
    try {
      return Finding.good("subnet", "containers get addresses of " + FreeSubnet.of(installation));
    } catch (SlipwayException e) {
      return Finding.missing(
          "subnet", String.valueOf(e.getMessage()), "free one of those networks on this machine");
    }
  }

  Finding disk() {
    Path directory = existingParent(installation.directory());
    try {
      long free = Files.getFileStore(directory).getUsableSpace();
      String found = "%.1f GiB free at %s".formatted((double) free / (1 << 30), directory);
      if (free < LEAST_DISK_BYTES) {
        return Finding.missing("disk", found, "free at least 1 GiB, or choose another --data");
      }
      return free < GOOD_DISK_BYTES
          ? Finding.limited("disk", found, "images take 0.3 to 10 GiB each: free some space")
          : Finding.good("disk", found);
    } catch (IOException e) {
      return Finding.missing("disk", directory + " cannot be read: " + e, "choose another --data");
    }
  }

  /// Other packet filters, such as Docker's, may drop what containers send.
  Finding forwarding() throws InterruptedException {
    if (Program.find("nft").isEmpty()) {
      return Finding.limited("forwarding", "unknown without the program nft", "see nft");
    }
    Program.Result result = Program.run(List.of("nft", "list", "chains"), "", Program.USUAL_TIME);
    boolean drops =
        result
            .output()
            .lines()
            .anyMatch(line -> line.contains("hook forward") && line.contains("policy drop"));
    return drops
        ? Finding.limited(
            "forwarding",
            "another packet filter (Docker's, a firewall) drops forwarded packets",
            "let it accept those from the bridge " + installation.bridge())
        : Finding.good("forwarding", "no packet filter of others drops forwarded packets");
  }

  Finding nameServers() {
    Resolvers resolvers = Resolvers.ofHost();
    if (resolvers.loopback().isPresent()) {
      return Finding.good("name servers", resolvers.loopback().get() + ", relayed to containers");
    }
    return resolvers.servers().isEmpty()
        ? Finding.limited(
            "name servers",
            "/etc/resolv.conf names none with an IPv4 address",
            "name one there, such as 'nameserver 9.9.9.9'")
        : Finding.good("name servers", String.join(", ", resolvers.servers()));
  }

  Finding interpreters() {
    String home = Objects.requireNonNullElse(environment.get("HOME"), "/root");
    List<String> found =
        INTERPRETER_DIRECTORIES.stream()
            .map(name -> Path.of(home, name))
            .filter(Files::isDirectory)
            .flatMap(SurroundingsChecks::children)
            .sorted()
            .toList();
    return found.isEmpty()
        ? Finding.limited(
            "Pythons",
            "no directories of pyenv or uv: local bases have Debian's Pythons only",
            "pyenv install 3.12, or uv python install 3.12")
        : Finding.good("Pythons", String.join(", ", found));
  }

  Finding packageIndex() throws InterruptedException {
    String index = Objects.requireNonNullElse(environment.get("PIP_INDEX_URL"), USUAL_INDEX);
    return reach(
        "package index",
        URI.create(index.endsWith("/") ? index + "pip/" : index + "/pip/"),
        "image builds cannot install packages: set PIP_INDEX_URL or a proxy");
  }

  Finding imageRegistry() throws InterruptedException {
    return reach(
        "image registry",
        USUAL_REGISTRY,
        "base images are made locally from a Debian mirror, or come from a configured mirror");
  }

  /// Any answer will do: a registry wants to know who asks.
  private Finding reach(String subject, URI address, String remedy) throws InterruptedException {
    try (LazyClient client = Outbound.of(environment).client(PATIENCE)) {
      HttpResponse<Void> answer =
          client
              .get()
              .send(
                  HttpRequest.newBuilder(address).timeout(PATIENCE).build(),
                  HttpResponse.BodyHandlers.discarding());
      return answer.statusCode() < 500 && answer.statusCode() != 403 && answer.statusCode() != 404
          ? Finding.good(subject, address.getHost() + " answers")
          : Finding.limited(
              subject, address.getHost() + " answers with " + answer.statusCode(), remedy);
    } catch (IOException e) {
      return Finding.limited(subject, address.getHost() + " cannot be reached: " + e, remedy);
    }
  }

  private static Stream<String> children(Path directory) {
    try (Stream<Path> children = Files.list(directory)) {
      return children.map(child -> String.valueOf(child.getFileName())).toList().stream();
    } catch (IOException e) {
      return Stream.of();
    }
  }

  private static Path existingParent(Path directory) {
    Path existing = directory;
    while (!Files.exists(existing)) {
      existing = Objects.requireNonNullElse(existing.getParent(), Path.of("/"));
    }
    return existing;
  }
}
