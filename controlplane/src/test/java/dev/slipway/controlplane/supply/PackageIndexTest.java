package dev.slipway.controlplane.supply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.FileContentStore;
import dev.slipway.controlplane.mount.MountFile;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The real package index, by the real pip of this machine: what it supplies is laid out in a
/// directory as in a container, and every Python of this machine imports the client's runner there.
@Tag("integration")
final class PackageIndexTest {
  private static final String CLIENT = "1.6.4";

  @TempDir Path directory;
  private FileContentStore content;

  @BeforeEach
  void openStore() {
    content = new FileContentStore(directory.resolve("content"));
  }

  @Test
  void runnerStartsOnWhatIsSupplied() throws Exception {
    PackageSupply supply =
        new PackageSupply(
            content, directory.resolve("work"), new Pip(() -> HostPython.require(System.getenv())));
    List<MountFile> client = supply.client(CLIENT);
    List<Interpreter> interpreters = interpreters();

    assertThat(interpreters).isNotEmpty();
    // At the same time: most of it is waiting for the index.
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> said = new ArrayList<>();
      for (Interpreter interpreter : interpreters) {
        said.add(threads.submit(() -> importRunner(interpreter, client, supply, "2025.06")));
      }
      Interpreter newest = interpreters.getLast();
      said.add(threads.submit(() -> importRunner(newest, client, supply, "2026.10")));
      for (Future<String> one : said) {
        assertThat(one.get()).endsWith("runner of " + CLIENT);
      }
    }
  }

  private String importRunner(
      Interpreter interpreter, List<MountFile> client, PackageSupply supply, String builder)
      throws Exception {
    Path root = directory.resolve(builder + "-" + interpreter.version().tag());
    for (MountFile file : join(client, supply.dependencies(builder, interpreter.version()))) {
      Path target = root.resolve(file.path().substring(1));
      Files.createDirectories(target.getParent());
      Files.copy(content.localPath(file.digest()).orElseThrow(), target);
    }
    return importRunner(interpreter.path(), root);
  }

  @Test
  void versionThatDoesNotExistIsRefusedInPipsWords() {
    Pip pip = new Pip(() -> HostPython.require(System.getenv()));

    assertThatThrownBy(() -> pip.fetchPure(List.of("modal==77.7.7"), directory))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
        .hasMessageContaining("No matching distribution found for modal==77.7.7");
  }

  @Test
  void releaseThatTheIndexLacksIsReplacedByTheNearest() throws IOException {
    Pip pip = new Pip(() -> HostPython.require(System.getenv()));

    List<Path> wheels =
        pip.fetchPinned(
            List.of(new Pin("idna", "3.9.99"), new Pin("hpack", "4.1.0")),
            PythonVersion.parse("3.12"),
            Files.createDirectory(directory.resolve("wheels")));

    assertThat(wheels)
        .extracting(wheel -> wheel.getFileName().toString())
        .containsExactly("hpack-4.1.0-py3-none-any.whl", "idna-3.10-py3-none-any.whl");
    try (Stream<Path> files = Files.list(directory.resolve("wheels"))) {
      assertThat(files).hasSize(2);
    }
  }

  private record Interpreter(Path path, PythonVersion version) {}

  /// The Pythons of this machine that the client supports.
  private static List<Interpreter> interpreters() throws Exception {
    List<Interpreter> interpreters = new ArrayList<>();
    for (int minor = 10; minor <= 13; minor++) {
      PythonVersion version = new PythonVersion(3, minor);
      Optional<Path> path = HostPython.find(version, System.getenv());
      path.ifPresent(found -> interpreters.add(new Interpreter(found, version)));
    }
    return interpreters;
  }

  /// Imports the runner with no package but those of the directory in reach, as in a bare image.
  private static String importRunner(Path python, Path root) throws Exception {
    Path deps = root.resolve("__modal/deps");
    String program =
        "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]; "
            + "sys.path.append('"
            + deps
            + "'); import modal._container_entrypoint, modal_version; "
            + "print('runner of', modal_version.__version__)";
    ProcessBuilder builder = new ProcessBuilder(python.toString(), "-S", "-B", "-c", program);
    builder.environment().clear();
    builder.environment().put("PYTHONPATH", root.resolve("pkg").toString());
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output.strip();
  }

  private static List<MountFile> join(List<MountFile> first, List<MountFile> second) {
    List<MountFile> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
