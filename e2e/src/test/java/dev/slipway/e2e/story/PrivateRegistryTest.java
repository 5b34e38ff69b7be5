package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.DockerRegistry;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A user starts from an image of the company's own registry, which lets nobody in without a login.
@Story
@EveryClient
class PrivateRegistryTest {
  /// What a Python that is added needs of an image: a shell with two commands and the C library;
  /// and a directory for temporary files.
  private static final String NEEDED =
      "bin/sh bin/ln bin/rm lib64/ld-linux-x86-64.so.2"
          + " lib/x86_64-linux-gnu/{libc.so.6,libm.so.6,libdl.so.2,libpthread.so.0,librt.so.1,libutil.so.1,libresolv.so.2,libgcc_s.so.1}";

  private final Installation installation;
  private final ModalClient client;

  PrivateRegistryTest(ClientRelease release, Installation installation) {
    this.installation = installation;
    client = installation.client(release);
  }

  @Test
  void anImageIsPulledWithTheLoginOfASecretAndNotWithoutOrWithAnother(@TempDir Path directory)
      throws IOException {
    Path tar = tarOfThisMachine(directory);
    try (DockerRegistry registry =
        DockerRegistry.forOneUser(Files.createDirectory(directory.resolve("registry")))) {
      registry.publish("team/oven:1", tar);
      ModalClient pulling = client.with("PROGRAM_IMAGE", registry.host() + "/team/oven:1");

      Run anonymous =
          pulling
              .with("PROGRAM_USER", "")
              .with("PROGRAM_PASSWORD", "")
              .modal("run", "registry_image.py")
              .failed();
      assertThat(words(anonymous)).contains("does not let us read team/oven without credentials");
      Run wrong = as(pulling, "close sesame").modal("run", "registry_image.py").failed();
      assertThat(words(wrong)).contains("does not let us read team/oven with the login of ann");

      Run right =
          as(pulling, DockerRegistry.PASSWORD).modal("run", "registry_image.py").succeeded();
      assertThat(right.out()).as("%s", right).contains("pulled: rye, login False");
      assertThat(words(right)).contains("Pulled '" + registry.host() + "/team/oven:1'");
    }
    assertThat(installation.server().log().text()).doesNotContain(DockerRegistry.PASSWORD);
  }

  private static ModalClient as(ModalClient client, String password) {
    return client.with("PROGRAM_USER", DockerRegistry.USER).with("PROGRAM_PASSWORD", password);
  }

  private static String words(Run run) {
    return run.all().replaceAll("[│\\s]+", " ");
  }

  private static Path tarOfThisMachine(Path directory) throws IOException {
    Path opt = Files.createDirectories(directory.resolve("own/opt"));
    Files.writeString(opt.resolve("loaf"), "rye\n");
    Files.createDirectory(directory.resolve("own/tmp"));
    Path tar = directory.resolve("layer.tar");
    List<String> command = new ArrayList<>(List.of("bash", "-c"));
    command.add(
        "cd / && tar --dereference -cf "
            + tar
            + " "
            + NEEDED
            + " -C "
            + directory.resolve("own")
            + " opt tmp");
    ModalClient.runProgram(command, directory).succeeded();
    return tar;
  }
}
