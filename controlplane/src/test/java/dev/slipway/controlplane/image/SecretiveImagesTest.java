package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.IdSource;
import dev.slipway.model.SecretId;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Images whose builds are given secrets.
@Tag("integration")
class SecretiveImagesTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId OURS = new WorkspaceId("ac-ours");
  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeBuildMachines machines = new FakeBuildMachines();
  private final FakeBuildSecrets secrets = new FakeBuildSecrets();
  private final Images images =
      Images.open(
          new ImageStore(FIXTURE.database().jdbi()),
          new BuildLogs(),
          new FakeContextMounts(),
          secrets,
          machines,
          IdSource.secure(),
          Clock.systemUTC(),
          BuildLimits.usual());

  @BeforeEach
  void clear() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> handle.execute("truncate image, image_cache, image_log"));
  }

  @AfterEach
  void close() {
    images.close();
  }

  @Test
  void theSecretsOfAStepGoToItsBuildAndOnlyTheirNamesIntoTheKey() throws InterruptedException {
    secrets.put("st-a", Map.of("TOKEN", "first", "USER", "ann"));
    secrets.put("st-b", Map.of("TOKEN", "second"));
    secrets.put("st-other", Map.of("KEY", "first"));
    String[] lines = {"FROM x", "RUN fetch"};

    Image built =
        images.getOrCreate(OURS, secretive(List.of("st-a", "st-b"), Optional.empty(), lines));
    BuildRequest order = machines.takeStarted();
    machines.succeed(order);
    built = awaitEnd(built);

    assertThat(order.secrets())
        .isEqualTo(SecretVariables.of(Map.of("TOKEN", "second", "USER", "ann")));
    assertThat(order.toString()).doesNotContain("second").doesNotContain("ann");
    assertThat(images.getOrCreate(OURS, secretive(List.of("st-a"), Optional.empty(), lines)))
        .as("other values of the same variables")
        .isEqualTo(built);
    assertThat(
            images.getOrCreate(OURS, secretive(List.of("st-other"), Optional.empty(), lines)).id())
        .as("another variable")
        .isNotEqualTo(built.id());
    assertThat(images.getOrCreate(OURS, secretive(List.of(), Optional.empty(), lines)).id())
        .as("no variable")
        .isNotEqualTo(built.id());
  }

  @Test
  void stepsThatRunNothingDoNotDependOnSecrets() throws InterruptedException {
    secrets.put("st-a", Map.of("TOKEN", "first"));
    Image built = build(secretive(List.of("st-a"), Optional.empty(), "FROM x", "ENV A=b"));

    assertThat(
            images
                .getOrCreate(OURS, secretive(List.of(), Optional.empty(), "FROM x", "ENV A=b"))
                .id())
        .isEqualTo(built.id());
    assertThat(machines.listStarted()).isEmpty();
  }

  @Test
  void theLoginForARegistryIsReadFromItsSecret() throws InterruptedException {
    secrets.put("st-in", Map.of("REGISTRY_USERNAME", "ann", "REGISTRY_PASSWORD", "hush"));
    secrets.put("st-half", Map.of("REGISTRY_USERNAME", "ann", "OTHER", "x"));
    Image built =
        images.getOrCreate(OURS, secretive(List.of(), Optional.of("st-in"), "FROM host/x"));
    BuildRequest order = machines.takeStarted();
    machines.succeed(order);
    built = awaitEnd(built);

    assertThat(order.login()).contains(new Credentials("ann", "hush"));
    assertThat(order.toString()).doesNotContain("hush");
    assertThat(
            images.getOrCreate(OURS, secretive(List.of(), Optional.of("st-half"), "FROM host/x")))
        .as("what is built needs no login")
        .isEqualTo(built);
    assertThatThrownBy(() ->
            images.getOrCreate(OURS, secretive(List.of(), Optional.of("st-half"), "FROM host/y")))
        .hasMessageContaining("[OTHER, REGISTRY_USERNAME]")
        .hasMessageContaining("lacks [REGISTRY_PASSWORD]");
    assertThatThrownBy(() ->
            images.getOrCreate(OURS, secretive(List.of(), Optional.of("st-none"), "FROM host/x")))
        .hasMessageContaining("st-none");
  }

  private Image build(ImageRequest request) throws InterruptedException {
    Image image = images.getOrCreate(OURS, request);
    machines.succeed(machines.takeStarted());
    return awaitEnd(image);
  }

  private Image awaitEnd(Image image) throws InterruptedException {
    return images.follow(OURS, image.id(), LogPosition.START, LONG).ended().orElseThrow();
  }

  private static ImageRequest secretive(
      List<String> secrets, Optional<String> registrySecret, String... lines) {
    return new ImageRequest(
        "2025.06",
        List.of(lines),
        Map.of(),
        Map.of(),
        List.of(),
        Optional.empty(),
        secrets.stream().map(SecretId::new).toList(),
        registrySecret.map(SecretId::new),
        Optional.empty(),
        "ap-one",
        ImageRequest.Freshness.CACHED);
  }
}
