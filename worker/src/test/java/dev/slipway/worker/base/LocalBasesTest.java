package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.python.Interpreter;
import dev.slipway.images.python.Interpreters;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.layer.CrunFixture;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.RecordingLog;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Makes a real Debian and copies a real Python into it: needs root, crun, mmdebstrap and a mirror.
@Tag("integration")
class LocalBasesTest {
  @TempDir Path directory;
  private LayerStore layers;
  private OverlayRoots roots;
  private LayerCommand command;
  private LocalBases bases;
  private final Interpreters interpreters = Interpreters.ofThisMachine(List.of());
  private final RecordingLog log = new RecordingLog();

  @BeforeEach
  void open() throws IOException {
    // The containers' root must be able to go through it.
    Files.setAttribute(directory, "unix:mode", 0755);
    layers = LayerStore.open(directory, Clock.systemUTC());
    roots = OverlayRoots.open(directory, layers.uses());
    command = new LayerCommand(new CrunFixture(directory.resolve("bundles")));
    SharedMaking making = new SharedMaking(layers);
    bases =
        new LocalBases(
            new DebianRoots(layers, making, DebianMirror.ofThisMachine()),
            new PythonLayers(making, roots, command),
            interpreters);
  }

  @Test
  void aPythonOfThisMachineRunsAndBuildsExtensionsOnADebianMadeHere() throws Exception {
    Interpreter donor = interpreters.find("", DebianSuite.BOOKWORM.glibcMinor()).orElseThrow();
    String reference = "python:" + donor.minor() + "-slim-bookworm";
    // Two at once share one making.
    CompletableFuture<BaseImage> other = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            other.complete(provide(reference, new RecordingLog()));
          } catch (IOException | InterruptedException | RuntimeException e) {
            other.completeExceptionally(e);
          }
        });

    BaseImage image = provide(reference, log);

    assertThat(other.get()).isEqualTo(image);
    assertThat(layers.list()).hasSize(2);
    assertThat(image.digest()).contains("Python " + donor.version());
    assertThat(image.config().environment()).containsEntry("PYTHON_VERSION", donor.version());
    assertThat(run(image, "python -c 'import sys; print(sys.prefix, sys.version)'"))
        .startsWith("/usr/local " + donor.version());
    assertThat(
            run(
                image,
                "echo 'int f(void) { return 42; }' > /tmp/x.c"
                    + " && gcc -shared -fPIC $(python3-config --includes) -o /tmp/x.so /tmp/x.c"
                    + " && python -c 'import ctypes; print(ctypes.CDLL(\"/tmp/x.so\").f())'"))
        .isEqualTo("42\n");
    assertThat(run(image, "apt-get install -y gcc gfortran build-essential"))
        .contains("0 upgraded, 0 newly installed");
    assertThat(run(image, "stat -c '%u %a' /usr/bin/su /tmp")).isEqualTo("0 4755\n0 1777\n");
    assertThat(run(image, "grep -rl '" + donor.directory() + "' /usr/local | grep -v pyc || true"))
        .doesNotContain("_sysconfigdata", "Makefile", ".pc");
  }

  @Test
  void aVersionThatNothingCanSupplyIsRefusedWithThoseThatCanBeHad() {
    assertThatThrownBy(() -> bases.provide("python:3.2.1-slim-bookworm", log))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("Python 3.2.1")
        .hasMessageContaining("3.11 (Debian's own)");
    assertThat(layers.list()).isEmpty();
  }

  private BaseImage provide(String reference, RecordingLog into)
      throws IOException, InterruptedException {
    return ((BaseProvider.Answer.Provided) bases.provide(reference, into)).image();
  }

  private String run(BaseImage image, String script) throws Exception {
    List<Path> lowers =
        layers.requireAll(image.layers()).reversed().stream().map(Layer::diff).toList();
    RecordingLog output = new RecordingLog();
    try (RootFilesystem root = roots.mount("test", lowers)) {
      Exit exit =
          command.run(
              ContainerSpec.of("slipway-base-test", root.root(), List.of("sh", "-c", script))
                  .withEnvironment(image.config().environment()),
              output,
              Duration.ofMinutes(2));
      assertThat(exit.code()).as(output.written()).isZero();
    }
    return output.written();
  }
}
