package dev.slipway.worker.network;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Questions about names, passed on unread from the gateway's address to a resolver that listens on
/// a loopback address of the host, where no container reaches it.
final class NameRelay implements Closeable {
  /// Questions that are under way at the same time; those beyond are dropped, and asked again by
  /// whoever asked.
  static final int MAX_QUESTIONS = 256;

  /// How long a resolver gets for an answer. Programs ask again after five seconds.
  static final Duration PATIENCE = Duration.ofSeconds(5);

  /// Largest answer over UDP.
  private static final int MAX_DATAGRAM_BYTES = 65_535;

  private static final Logger log = LoggerFactory.getLogger(NameRelay.class);

  private final InetSocketAddress resolver;
  private final DatagramSocket datagrams;
  private final ServerSocket connections;
  private final Semaphore questions = new Semaphore(MAX_QUESTIONS);

  private NameRelay(
      InetSocketAddress resolver, DatagramSocket datagrams, ServerSocket connections) {
    this.resolver = resolver;
    this.datagrams = datagrams;
    this.connections = connections;
  }

  /// @param listen on the gateway's address
  /// @param resolver on a loopback address
  static NameRelay open(InetSocketAddress listen, InetSocketAddress resolver) {
    try {
      DatagramSocket datagrams = new DatagramSocket(listen);
      try {
        ServerSocket connections = new ServerSocket();
        connections.bind(new InetSocketAddress(listen.getAddress(), datagrams.getLocalPort()));
        NameRelay relay = new NameRelay(resolver, datagrams, connections);
        Thread.ofVirtual().name("names over UDP").start(relay::receive);
        Thread.ofVirtual().name("names over TCP").start(relay::accept);
        return relay;
      } catch (IOException e) {
        datagrams.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException("names cannot be relayed from " + listen, e);
    }
  }

  int port() {
    return datagrams.getLocalPort();
  }

  private void receive() {
    byte[] buffer = new byte[MAX_DATAGRAM_BYTES];
    while (!datagrams.isClosed()) {
      DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
      try {
        datagrams.receive(packet);
      } catch (IOException e) {
        log.debug("a question could not be received: {}", e.toString());
        continue;
      }
      byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
      SocketAddress asker = packet.getSocketAddress();
      begin(() -> ask(question, asker));
    }
  }

  private void ask(byte[] question, SocketAddress asker) throws IOException {
    // A socket for each question: only the answer to it can arrive there.
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
      socket.connect(resolver);
      socket.send(new DatagramPacket(question, question.length));
      DatagramPacket answer = new DatagramPacket(new byte[MAX_DATAGRAM_BYTES], MAX_DATAGRAM_BYTES);
      socket.receive(answer);
      datagrams.send(new DatagramPacket(answer.getData(), answer.getLength(), asker));
    }
  }

  private void accept() {
    while (!connections.isClosed()) {
      try {
        Socket asker = connections.accept();
        if (!begin(() -> converse(asker))) {
          asker.close();
        }
      } catch (IOException e) {
        log.debug("a question could not be accepted: {}", e.toString());
      }
    }
  }

  private void converse(Socket asker) throws IOException {
    try (asker;
        Socket socket = new Socket()) {
      int millis = Math.toIntExact(PATIENCE.toMillis());
      socket.connect(resolver, millis);
      socket.setSoTimeout(millis);
      asker.setSoTimeout(millis);
      Thread back = Thread.ofVirtual().start(() -> copy(socket, asker));
      copy(asker, socket);
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      log.debug("a conversation about names ended: {}", e.toString());
    }
  }

  private interface Question {
    void ask() throws IOException;
  }

  private boolean begin(Question question) {
    if (!questions.tryAcquire()) {
      return false;
    }
    Thread.ofVirtual()
        .name("name")
        .start(() -> {
          try {
            question.ask();
          } catch (IOException e) {
            log.debug("a question got no answer: {}", e.toString());
          } finally {
            questions.release();
          }
        });
    return true;
  }

  @Override
  public void close() throws IOException {
    datagrams.close();
    connections.close();
  }
}
