package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ListenAddressTest {
  private final ListenAddress.Converter converter = new ListenAddress.Converter();

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8470, http://127.0.0.1:8470",
    "0.0.0.0:80, http://127.0.0.1:80",
    "[::]:8470, http://[::1]:8470",
    "[fe80::1]:8470, http://[fe80::1]:8470",
    "build.example:1, http://build.example:1",
    "localhost:65535, http://localhost:65535",
  })
  void clientsOnThisMachineReachItByAUrl(String text, String url) {
    ListenAddress address = converter.convert(text);
    assertThat(address.url()).isEqualTo(url);
    assertThat(address).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "8470", "localhost", "localhost:", ":8470", "a b:1", "::1:80", "h:1x"})
  void whatIsNoAddressIsRefusedWithTheExpectedForm(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("HOST:PORT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:0", "localhost:65536", "localhost:99999"})
  void aPortOutOfRangeIsRefusedWithTheRange(String text) {
    assertThatThrownBy(() -> converter.convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("1 to 65535");
  }

  @Test
  void aTakenPortIsFoundBeforeAnythingStarts() throws Exception {
    ListenAddress address;
    try (ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = new ListenAddress("127.0.0.1", holder.getLocalPort());
      assertThatThrownBy(address::requireFree)
          .isInstanceOfSatisfying(
              StartRefusedException.class,
              refused -> {
                assertThat(refused.status()).isEqualTo(ExitStatus.PORT_TAKEN);
                assertThat(refused).hasMessageContaining(address.toString());
              });
    }
    assertThatCode(address::requireFree).doesNotThrowAnyException();
  }

  @Test
  void aHostThatDoesNotExistIsAMistakeOnTheCommandLine() {
    assertThatThrownBy(new ListenAddress("no-such-host.invalid", 8470)::requireFree)
        .isInstanceOfSatisfying(
            StartRefusedException.class,
            refused -> assertThat(refused.status()).isEqualTo(ExitStatus.USAGE));
  }
}
