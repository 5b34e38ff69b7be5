package dev.slipway.launcher;

import dev.slipway.controlplane.rpc.RpcServices;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.net.URI;
import java.util.concurrent.TimeUnit;

/// A server on another machine, as a worker sees it.
///
/// @param url the server's door, without a path
/// @param token proves the worker
record RemoteServer(URI url, String token) {
  /// Silence after which the line is tried with a ping. Routers forget silent lines after minutes.
  private static final int PING_SECONDS = 30;

  private static final int DEFAULT_PORT = 8470;

  /// Reads what an operator writes after `--join`.
  ///
  /// @throws StartRefusedException when it is no URL of a server
  static RemoteServer of(URI url, String token) {
    boolean known = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
    boolean bare = url.getPath() == null || url.getPath().isEmpty() || url.getPath().equals("/");
    if (!known || url.getHost() == null || !bare) {
      throw new StartRefusedException(
          ExitStatus.USAGE,
          "--join " + url + " is no server; expected http://HOST:PORT or https://HOST:PORT");
    }
    int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
    return new RemoteServer(
        URI.create(url.getScheme() + "://" + url.getHost() + ":" + port), token.strip());
  }

  /// Opens the line that everything goes over.
  Channel connect(Lifecycle lifecycle) {
    ChannelCredentials credentials =
        "https".equals(url.getScheme())
            ? TlsChannelCredentials.create()
            : InsecureChannelCredentials.create();
    ManagedChannel channel =
        Grpc.newChannelBuilderForAddress(url.getHost(), url.getPort(), credentials)
            .maxInboundMessageSize(RpcServices.MAX_MESSAGE_BYTES)
            .keepAliveTime(PING_SECONDS, TimeUnit.SECONDS)
            .build();
    lifecycle.add("line to " + url, channel::shutdownNow);
    return channel;
  }

  /// Without the token, for logs.
  @Override
  public String toString() {
    return url.toString();
  }
}
