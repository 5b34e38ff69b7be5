package dev.slipway.controlplane.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {
  private static final byte[] MESSAGE = {1, 0, -1, 4, 5};

  /// A stream may know more or less than it has.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4, 5, 6, 100})
  void aMessageIsReadWholeWhateverIsSaidToBeThere(int available) {
    InputStream stream =
        new ByteArrayInputStream(MESSAGE) {
          @Override
          public synchronized int available() {
            return available;
          }
        };

    assertThat(Bytes.MARSHALLER.parse(stream)).containsExactly(MESSAGE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, Integer.MAX_VALUE})
  void aMessageThatIsTooLargeIsReadNoFurther(int available) {
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 7;
          }

          @Override
          public int read(byte[] bytes, int from, int length) {
            return length;
          }

          @Override
          public int available() {
            return available;
          }
        };

    assertThat(Bytes.MARSHALLER.parse(endless)).hasSize(RpcServices.MAX_MESSAGE_BYTES + 1);
  }
}
