package dev.slipway.launcher.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class DoorKeeperTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  /// Keeps the port from other programs for as long as a test goes on, and listens to nobody.
  private final SocketChannel claim = SocketChannel.open();

  private final InetSocketAddress listen;

  @TempDir private Path directory;

  DoorKeeperTest() throws IOException {
    claim.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    claim.bind(new InetSocketAddress("127.0.0.1", 0));
    listen = (InetSocketAddress) claim.getLocalAddress();
  }

  @AfterEach
  void giveThePortBack() throws IOException {
    claim.close();
  }

  private Path note() {
    return directory.resolve("keeper");
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.connect(listen);
    return socket;
  }

  private ServerSocketChannel server() throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.setOption(StandardSocketOptions.SO_REUSEPORT, true);
    return server.bind(listen);
  }

  @Test
  void whoConnectsAfterTheServersDeathWaitsForItsNextStart() throws Exception {
    ServerSocketChannel server = server();
    Process keeper = new ProcessBuilder(DoorKeeper.command(listen, note())).start();
    Files.writeString(note(), keeper.pid() + "\n");
    assertThat(keeper.inputReader().readLine()).isEqualTo(KeptPort.LISTENING);
    for (int i = 0; i < 50; i++) {
      try (Socket client = connect()) {
        server.accept().close();
        assertThat(client.getInputStream().read()).as("by the server").isEqualTo(-1);
      }
    }

    server.close();
    // The pipe from the server ends with it.
    keeper.getOutputStream().close();
    try (Socket waiting = connect();
        ServerSocketChannel next = server()) {
      waiting.getOutputStream().write('?');
      ProcessHandle left = DoorKeeper.findLeft(note()).orElseThrow();
      assertThat(left.pid()).isEqualTo(keeper.pid());
      left.destroyForcibly();
      assertThatThrownBy(() -> waiting.getInputStream().read())
          .as("cut off, to come again")
          .isInstanceOf(SocketException.class);
      try (Socket again = connect()) {
        next.accept().close();
        assertThat(again.getInputStream().read()).isEqualTo(-1);
      }
    }
    assertThat(keeper.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(DoorKeeper.findLeft(note())).isEmpty();
  }

  @Test
  void aServerThatStopsTakesItsKeeperAlong() {
    DoorKeeper keeper = DoorKeeper.start(listen, note());
    ProcessHandle process = DoorKeeper.findLeft(note()).orElseThrow();
    keeper.close();
    assertThat(process.isAlive()).isFalse();
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
    assertThat(note()).doesNotExist();
  }

  @Test
  void anotherProcessOfTheSameNumberIsNoKeeper() throws Exception {
    Files.writeString(note(), ProcessHandle.current().pid() + "\n");
    assertThat(DoorKeeper.findLeft(note())).isEmpty();
    Files.writeString(note(), "no number");
    assertThat(DoorKeeper.findLeft(note())).isEmpty();
  }
}
