package dev.slipway.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PostgresDataSourceTest {
  /// The kernel takes the connection on behalf of a server that never says a word.
  @Test
  @Timeout(60)
  void aServerThatHangsIsLikeOneThatIsAway() throws Exception {
    try (ServerSocket hanging = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      DatabaseAddress address =
          new DatabaseAddress(
              "jdbc:postgresql://127.0.0.1:%d/postgres?sslmode=disable"
                  .formatted(hanging.getLocalPort()),
              "slipway",
              "");
      PostgresDataSource source = new PostgresDataSource(() -> address, Duration.ofSeconds(1));

      SQLException failure = catchThrowableOfType(SQLException.class, source::getConnection);

      assertThat(StorageFailures.away(failure)).isTrue();
    }
  }
}
