package dev.slipway.images.outbound;

import java.net.http.HttpClient;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A client for HTTP that is made when it is first asked for: reading the certificates of a machine
/// takes some tens of milliseconds, and many never need it.
public final class LazyClient implements AutoCloseable {
  private final Supplier<HttpClient> maker;
  private @Nullable HttpClient client;

  LazyClient(Supplier<HttpClient> maker) {
    this.maker = maker;
  }

  public synchronized HttpClient get() {
    HttpClient made = client;
    if (made == null) {
      made = maker.get();
      client = made;
    }
    return made;
  }

  /// Waits for what is under way.
  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
    }
  }
}
