package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.HostProcesses;
import dev.slipway.testkit.HostProcesses.HostProcess;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A user keeps tokens and passwords as secrets, and gives them to functions and to builds.
@Story
@EveryClient
class SecretsTest {
  private static final Duration SOON = Duration.ofMinutes(3);

  /// Nothing larger is written while these stories are told, but databases' files of 1 GiB.
  private static final long MOST_SEARCHED_BYTES = 64 << 20;

  private final ModalClient client;
  private final Installation installation;

  /// Values that nobody used before.
  private final String value = "hush-" + UUID.randomUUID();

  private final String other = "hush-" + UUID.randomUUID();

  SecretsTest(ClientRelease release, Installation installation) {
    this.client = installation.client(release);
    this.installation = installation;
  }

  private ModalClient program() {
    return client
        .with("PROGRAM_VALUE", value)
        .with("PROGRAM_TWIST", other)
        .with("PROGRAM_MARK", value.substring(value.length() - 12));
  }

  @Test
  void functionsAndClassesGetTheSecretsThatTheyNameAndNoOthers() {
    client.modal("secret", "create", "--force", "bakery", "OVEN_TOKEN=" + other).succeeded();

    Run run = program().modal("run", "secretive.py::main").succeeded();

    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "inline: True",
            "named: True",
            "the later one wins: last",
            "empty: '' None",
            "without: []",
            "forged: {'task': True, 'server': True, 'ours': False, 'extra': 'mine'}",
            "class: True",
            "other options: last");
    assertThat(run.all())
        .contains(
            "The secrets of 'look_forged' may not set MODAL_SERVER_URL, MODAL_TASK_ID, SLIPWAY_X");
  }

  @Test
  void secretsComeFromAFileAndFromTheLocalEnvironment(@TempDir Path directory) throws IOException {
    Files.writeString(directory.resolve(".env"), "FROM_FILE=plain\nQUOTED=\"two words\"\n");

    Run run =
        client
            .with("PROGRAM_DIRECTORY", directory.toString())
            .with("PROGRAM_TWIST", other)
            .modal("run", "secret_files.py")
            .succeeded();

    assertThat(run.out()).as("%s", run).contains("files: ['plain', 'two words', '" + other + "']");
  }

  @Test
  void theStepsOfABuildSeeSecretsAndLeaveNothingOfThem() throws Exception {
    Instant begun = Instant.now();
    client.modal("secret", "create", "--force", "bakery", "OVEN_TOKEN=" + other).succeeded();
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));

    Run first = program().modal("run", "secretive.py::build").succeeded();
    assertThat(first.all())
        .as("the step had the value")
        .contains(HexFormat.of().formatHex(digest))
        .contains("The secrets may not set MODAL_SERVER_URL, MODAL_TASK_ID, SLIPWAY_X", "task none")
        .doesNotContain(value);
    assertThat(first.out()).contains("built: ['shared last', False, False]");

    Run second = program().with("PROGRAM_VALUE", other).modal("run", "secretive.py::build");
    assertThat(second.succeeded().all())
        .as("another value of the same variables builds nothing")
        .doesNotContain("sha256sum");
    assertThat(filesWith(installation.server().data(), begun)).isEmpty();
    assertThat(installation.server().log().text()).doesNotContain(value, other);
  }

  @Test
  void whileAContainerRunsNobodyElseSeesItsSecrets() throws IOException {
    Instant begun = Instant.now();
    client.modal("secret", "create", "--force", "bakery", "OVEN_TOKEN=" + other).succeeded();
    try (ChildProcess run = program().startModal("run", "secretive.py::wait", "--seconds", "12")) {
      run.transcript().await("sleeping with it", SOON);

      assertThat(HostProcesses.list())
          .extracting(HostProcess::commandLine)
          .noneMatch(command -> command.contains(other));
      // The container's own description, which only the server's user can reach.
      Path running = installation.server().data().resolve("worker/run");
      assertThat(filesWith(installation.server().data(), begun))
          .allMatch(file -> file.startsWith(running))
          .allMatch(SecretsTest::isOutOfReachOfOthers);
      // What is overwritten meanwhile is for containers that start afterwards.
      client.modal("secret", "create", "--force", "bakery", "OVEN_TOKEN=" + value).succeeded();

      Run ended = ModalClient.finish(run, SOON).succeeded();
      assertThat(ended.out()).as("%s", ended).contains("slept: True");
    }
    Run next =
        program()
            .with("PROGRAM_TWIST", value)
            .modal("run", "secretive.py::wait", "--seconds", "0")
            .succeeded();
    assertThat(next.out()).as("%s", next).contains("slept: True");
    assertThat(installation.server().log().text()).doesNotContain(value, other);
  }

  @Test
  void secretsAreLookedAfterInTheTerminal(@TempDir Path directory) throws IOException {
    Path json = Files.writeString(directory.resolve("a.json"), "{\"J\": \"" + value + "\"}");
    Path dotenv = Files.writeString(directory.resolve("b.env"), "D=" + value + "\n");
    client.modal("secret", "delete", "terminal-secret", "--yes");

    Run made = client.modal("secret", "create", "terminal-secret", "A=" + value, "B=2").succeeded();
    assertThat(made.out()).contains("terminal-secret", "'A'", "'B'").doesNotContain(value);
    assertThat(client.modal("secret", "create", "terminal-secret", "A=3").failed().all())
        .contains("'terminal-secret'", "already");
    client
        .modal("secret", "create", "terminal-secret", "--force", "--from-json", json.toString())
        .succeeded();
    client
        .modal("secret", "create", "terminal-secret", "--force", "--from-dotenv", dotenv.toString())
        .succeeded();
    assertThat(client.modal("secret", "list", "--json").succeeded().out())
        .contains("terminal-secret")
        .doesNotContain(value);
    Run missing = client.python("-c", REQUIRES.formatted("terminal-secret")).failed();
    assertThat(missing.all()).contains("lacks the required [A]; it has [D]");
    client.modal("secret", "delete", "terminal-secret", "--yes").succeeded();
    assertThat(client.modal("secret", "list", "--json").succeeded().out())
        .doesNotContain("terminal-secret");
    assertThat(client.python("-c", REQUIRES.formatted("terminal-secret")).failed().all())
        .contains("There is no secret 'terminal-secret' in environment 'main'");
  }

  private static final String REQUIRES =
      """
      import modal
      modal.Secret.from_name("%s", required_keys=["A"]).hydrate()
      """;

  /// Files that were written since, and hold one of the values.
  private List<Path> filesWith(Path directory, Instant since) throws IOException {
    List<Path> found = new ArrayList<>();
    FileVisitor<Path> search =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            boolean written =
                attributes.isRegularFile()
                    && attributes.size() <= MOST_SEARCHED_BYTES
                    && !attributes.lastModifiedTime().toInstant().isBefore(since);
            if (written && holds(file)) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, java.io.IOException e) {
            return FileVisitResult.CONTINUE;
          }
        };
    Files.walkFileTree(directory, search);
    return found;
  }

  private boolean holds(Path file) {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      return text.contains(value) || text.contains(other);
    } catch (IOException e) {
      // Gone by now.
      return false;
    }
  }

  /// Whether a directory on the way, or the file itself, keeps everybody but its owner out.
  private static boolean isOutOfReachOfOthers(Path file) {
    try {
      for (Path way = file; way != null; way = way.getParent()) {
        String mode =
            java.nio.file.attribute.PosixFilePermissions.toString(
                Files.getPosixFilePermissions(way));
        if (mode.endsWith("---")) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return !Files.exists(file);
    }
  }
}
