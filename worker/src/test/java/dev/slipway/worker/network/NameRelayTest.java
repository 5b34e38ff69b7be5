package dev.slipway.worker.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class NameRelayTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  @Test
  void anAnswerOverUdpComesBackFromTheAddressThatWasAsked() throws Exception {
    try (DatagramSocket resolver = new DatagramSocket(0, LOOPBACK);
        NameRelay relay =
            NameRelay.open(
                new InetSocketAddress(LOOPBACK, 0),
                new InetSocketAddress(LOOPBACK, resolver.getLocalPort()));
        DatagramSocket asker = new DatagramSocket(0, LOOPBACK)) {
      asker.setSoTimeout(10_000);
      asker.connect(LOOPBACK, relay.port());
      asker.send(packet("where is example.org"));

      DatagramPacket question = new DatagramPacket(new byte[100], 100);
      resolver.receive(question);
      assertThat(text(question)).isEqualTo("where is example.org");
      DatagramPacket answer = packet("over there");
      answer.setSocketAddress(question.getSocketAddress());
      resolver.send(answer);

      DatagramPacket received = new DatagramPacket(new byte[100], 100);
      asker.receive(received);
      assertThat(text(received)).isEqualTo("over there");
    }
  }

  @Test
  void aConversationOverTcpPassesInBothDirections() throws Exception {
    try (ServerSocket resolver = new ServerSocket(0, 1, LOOPBACK);
        NameRelay relay =
            NameRelay.open(
                new InetSocketAddress(LOOPBACK, 0),
                new InetSocketAddress(LOOPBACK, resolver.getLocalPort()));
        Socket asker = new Socket(LOOPBACK, relay.port());
        Socket asked = resolver.accept()) {
      asker.getOutputStream().write("where".getBytes(StandardCharsets.US_ASCII));
      assertThat(new DataInputStream(asked.getInputStream()).readNBytes(5))
          .asString()
          .isEqualTo("where");

      asked.getOutputStream().write("there".getBytes(StandardCharsets.US_ASCII));
      asked.close();

      assertThat(asker.getInputStream().readAllBytes()).asString().isEqualTo("there");
    }
  }

  private static DatagramPacket packet(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return new DatagramPacket(bytes, bytes.length);
  }

  private static String text(DatagramPacket packet) {
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
  }
}
