package dev.slipway.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseAddressTest {
  @Test
  void credentialsAreTakenOutOfTheUrl() {
    assertThat(DatabaseAddress.parse("postgresql://me:s%20e%3Acret+@db.example:5433/app?ssl=true"))
        .isEqualTo(
            new DatabaseAddress(
                "jdbc:postgresql://db.example:5433/app?ssl=true", "me", "s e:cret+"));
  }

  @Test
  void theDriversOwnFormIsUnderstoodToo() {
    assertThat(DatabaseAddress.parse("jdbc:postgresql://db.example/app"))
        .isEqualTo(new DatabaseAddress("jdbc:postgresql://db.example/app", "", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mysql://me:secret@db/app",
        "postgresql://me:secret@db",
        "postgresql:///app",
        "not a url with secret",
        ""
      })
  void anythingElseIsRefusedWithoutShowingThePassword(String url) {
    assertThatThrownBy(() -> DatabaseAddress.parse(url))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(ErrorKind.INVALID);
              assertThat(failure)
                  .hasMessageContaining("expected postgresql://")
                  .hasMessageNotContaining("secret");
            });
  }

  @Test
  void thePasswordIsNotInTheText() {
    assertThat(DatabaseAddress.parse("postgresql://me:secret@db/app").toString())
        .contains("me")
        .doesNotContain("secret");
  }
}
