package dev.slipway.controlplane.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class MasterKeyTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  @TempDir Path directory;
  private Path file = Path.of("");
  private SecretId secret = new SecretId("st-none");
  private SecretFixture fixture =
      new SecretFixture(FIXTURE.database().jdbi(), Path.of("/nonexistent/key"));

  @BeforeEach
  void makeASecret() {
    file = directory.resolve("key");
    fixture = new SecretFixture(FIXTURE.database().jdbi(), file);
    secret = fixture.make("token", Map.of("TOKEN", "hush"));
  }

  @Test
  void isMadeForTheFirstSecretAndReadableByItsOwnerOnly() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Base64.getDecoder().decode(Files.readString(file).strip())).hasSize(32);
  }

  @Test
  void aKeyThatIsGoneIsNotReplacedAndWorksAgainWhenItIsBack() throws IOException {
    Path elsewhere = directory.resolve("elsewhere");
    Files.move(file, elsewhere);
    Secrets next = fixture.reopened(file);

    assertRefused(next, "is missing");
    assertThat(file).doesNotExist();
    Files.move(elsewhere, file);
    assertThat(next.open(ours(), List.of(secret)).values()).containsEntry("TOKEN", "hush");
  }

  @Test
  void anotherKeyIsToldApart() throws IOException {
    Files.writeString(file, Base64.getEncoder().encodeToString(new byte[32]));

    assertRefused(fixture.reopened(file), "holds another key");
  }

  @Test
  void aFileThatOthersMayReadIsRefused() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

    assertRefused(fixture.reopened(file), "[GROUP_READ]");
  }

  @Test
  void whatIsNoKeyIsRefusedWithoutShowingIt() throws IOException {
    Files.writeString(file, "hunter2 hunter2");

    assertRefused(fixture.reopened(file), "holds no key");
    Files.writeString(file, Base64.getEncoder().encodeToString(new byte[31]));
    assertRefused(fixture.reopened(file), "32 bytes");
  }

  @Test
  void whatNeedsNoKeyGoesOn() throws IOException {
    Files.delete(file);
    Secrets next = fixture.reopened(file);

    assertThat(next.names(ours(), List.of(secret))).containsExactly("TOKEN");
    assertThat(next.require(ours(), secret).object().name()).contains("token");
    next.delete(ours(), secret);
  }

  private void assertRefused(Secrets secrets, String why) {
    assertThatThrownBy(() -> secrets.open(ours(), List.of(secret)))
        .hasMessageContaining(file.toString())
        .hasMessageContaining(why)
        .message()
        .doesNotContain("hunter2");
    assertThatThrownBy(() -> secrets.open(ours(), List.of(secret)))
        .extracting(e -> ((SlipwayException) e).kind())
        .isEqualTo(ErrorKind.CONFLICT);
  }

  private static dev.slipway.model.WorkspaceId ours() {
    return dev.slipway.controlplane.object.ObjectFixture.OURS.workspace();
  }
}
