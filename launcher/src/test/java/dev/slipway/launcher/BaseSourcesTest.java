package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.registry.RegistrySettings;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.worker.base.DebianMirror;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseSourcesTest {
  @TempDir Path directory;

  @Test
  void withoutSettingsRegistriesAreReachedDirectly() {
    BaseSources sources = BaseSources.of(Map.of());
    assertThat(sources.registries()).isEqualTo(RegistrySettings.standard());
    assertThat(sources.interpreters()).isEmpty();
    assertThat(sources.mirror()).isEqualTo(DebianMirror.ofThisMachine());
  }

  @Test
  void everySettingIsRead() throws IOException {
    // The two encoded words are "ada:s3cret" and "bob:a:b".
    Path logins =
        Files.writeString(
            directory.resolve("logins.json"),
            """
            {"auths": {"https://index.docker.io/v1/": {"auth": "YWRhOnMzY3JldA=="},
                       "registry.example:5000": {"auth": "Ym9iOmE6Yg=="}}}
            """);
    BaseSources sources =
        BaseSources.of(
            Map.of(
                BaseSources.MIRRORS,
                "docker.io=https://one.example, docker.io=https://two.example/hub",
                BaseSources.BLOCKED,
                "ghcr.io quay.io",
                BaseSources.PLAIN_HTTP,
                "registry.example:5000",
                BaseSources.CREDENTIALS,
                logins.toString(),
                BaseSources.INTERPRETERS,
                directory + ":/",
                BaseSources.DEBIAN,
                "http://mirror.example/debian",
                BaseSources.DEBIAN_SECURITY,
                "http://mirror.example/debian-security"));

    RegistrySettings registries = sources.registries();
    assertThat(registries.mirrors())
        .isEqualTo(
            Map.of(
                "docker.io",
                List.of(URI.create("https://one.example"), URI.create("https://two.example/hub"))));
    assertThat(registries.blocked()).isEqualTo(Set.of("ghcr.io", "quay.io"));
    assertThat(registries.plainHttp()).isEqualTo(Set.of("registry.example:5000"));
    assertThat(registries.credentials())
        .isEqualTo(
            Map.of(
                "docker.io",
                new Credentials("ada", "s3cret"),
                "registry.example:5000",
                new Credentials("bob", "a:b")));
    assertThat(sources.interpreters()).containsExactly(directory, Path.of("/"));
    assertThat(sources.mirror())
        .isEqualTo(
            new DebianMirror(
                "http://mirror.example/debian",
                Optional.of("http://mirror.example/debian-security")));
  }

  @Test
  void whatDoesNotHaveItsFormIsNamed() throws IOException {
    Path broken = Files.writeString(directory.resolve("broken.json"), "{\"auths\": {\"a\": 1}}");
    assertRefused(BaseSources.MIRRORS, "https://mirror.example", "REGISTRY=URL");
    assertRefused(BaseSources.MIRRORS, "docker.io=mirror.example", "'mirror.example'");
    assertRefused(BaseSources.DEBIAN, "ftp://mirror.example", "http://");
    assertRefused(BaseSources.INTERPRETERS, "python", "absolute paths");
    assertRefused(BaseSources.CREDENTIALS, broken.toString(), "auths");
    assertRefused(BaseSources.CREDENTIALS, directory.resolve("none").toString(), "readable");
  }

  private static void assertRefused(String name, String value, String expected) {
    assertThatThrownBy(() -> BaseSources.of(Map.of(name, value)))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(expected);
  }
}
