package dev.slipway.images.web;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.images.outbound.LazyClient;
import dev.slipway.images.outbound.Outbound;
import dev.slipway.images.registry.StallGuard;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Fetches files by HTTP into the content store. A file that was fetched before is asked for with
/// what its server said of it then, and comes again only when it has changed.
public final class WebFiles {
  private static final int MOST_REDIRECTS = 5;

  /// Most addresses of which it is remembered what they gave.
  private static final int MOST_REMEMBERED = 1_000;

  private static final int PIECE_BYTES = 64 << 10;

  private final ContentStore content;
  private final WebLimits limits;
  private final Destinations destinations;
  private final Outbound outbound;
  private final LazyClient client;
  private final Map<URI, Remembered> remembered = new ConcurrentHashMap<>();

  /// What an address gave, and the marks by which its server knows it again.
  private record Remembered(WebFile file, Optional<String> tag, Optional<String> changed) {}

  public WebFiles(
      ContentStore content, WebLimits limits, Destinations destinations, Outbound outbound) {
    this.content = content;
    this.limits = limits;
    this.destinations = destinations;
    this.outbound = outbound;
    this.client = outbound.client(limits.answer());
  }

  /// The file at an address.
  ///
  /// @throws SlipwayException INVALID for what is no address of a file, and when its contents have
  ///   another checksum, DENIED for one of this machine, NOT_FOUND, EXHAUSTED when it is too large,
  ///   CONFLICT when it cannot be had
  public WebFile fetch(Wanted wanted) throws InterruptedException {
    WebFile file = fetch(address(wanted.address()), wanted.name());
    if (!file.digest().equals(wanted.checksum().orElse(file.digest()))) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "%s has the checksum sha256:%s; sha256:%s was expected"
              .formatted(wanted.address(), file.digest(), wanted.checksum().orElseThrow()));
    }
    return file;
  }

  private WebFile fetch(URI address, String otherwise) throws InterruptedException {
    String name = name(address, otherwise);
    Optional<Remembered> before =
        Optional.ofNullable(remembered.get(address))
            .filter(known -> content.contains(known.file().digest()));
    HttpResponse<InputStream> response = open(address, before);
    try (InputStream body = new StallGuard(response.body(), limits.stall(), address.getHost())) {
      if (response.statusCode() == 304 && before.isPresent()) {
        return before.get().file().named(name);
      }
      if (response.statusCode() != 200) {
        throw refused(address, response.statusCode());
      }
      WebFile file = take(address, name, response.headers(), body);
      remember(address, file, response.headers());
      return file;
    } catch (IOException e) {
      throw unavailable(address, describe(e), e);
    }
  }

  private static URI address(String text) {
    URI address;
    try {
      address = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(ErrorKind.INVALID, "'" + text + "' is no address", e);
    }
    String scheme = String.valueOf(address.getScheme());
    boolean web = scheme.equalsIgnoreCase("http") || scheme.equalsIgnoreCase("https");
    if (!web || address.getHost() == null || address.getUserInfo() != null) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' is no address of a file: http:// or https:// with a host and without a login was expected"
              .formatted(text));
    }
    return address;
  }

  private static String name(URI address, String otherwise) {
    String path = address.getRawPath();
    String last = path.substring(path.lastIndexOf('/') + 1).replace("+", "%2B");
    String written = URLDecoder.decode(last, StandardCharsets.UTF_8);
    String name = isName(written) ? written : otherwise;
    if (!isName(name)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "the address '"
              + address
              + "' does not end with the name of a file, and the destination names none");
    }
    return name;
  }

  private static boolean isName(String name) {
    return !name.isEmpty() && !name.equals(".") && !name.equals("..") && !name.contains("/");
  }

  /// The answer, behind redirects.
  private HttpResponse<InputStream> open(URI first, Optional<Remembered> before)
      throws InterruptedException {
    URI address = first;
    for (int i = 0; i <= MOST_REDIRECTS; i++) {
      if (outbound.connectsItself(address)) {
        // A proxy goes where its own operator lets it.
        destinations.require(address.getHost());
      }
      HttpResponse<InputStream> response = send(address, before);
      Optional<String> next = response.headers().firstValue("Location");
      boolean redirects =
          response.statusCode() / 100 == 3 && response.statusCode() != 304 && next.isPresent();
      if (!redirects) {
        return response;
      }
      discard(response);
      address = address(address.resolve(next.get()).toString());
    }
    throw unavailable(first, "it sends from one address to another without end", null);
  }

  private HttpResponse<InputStream> send(URI address, Optional<Remembered> before)
      throws InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address).timeout(limits.answer()).header("User-Agent", "slipway");
    before.flatMap(Remembered::tag).ifPresent(tag -> request.header("If-None-Match", tag));
    before
        .flatMap(Remembered::changed)
        .ifPresent(time -> request.header("If-Modified-Since", time));
    try {
      return client.get().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (HttpTimeoutException e) {
      throw unavailable(
          address, "it did not answer within %d s".formatted(limits.answer().toSeconds()), e);
    } catch (IOException e) {
      throw unavailable(address, describe(e), e);
    }
  }

  private WebFile take(URI address, String name, HttpHeaders headers, InputStream body)
      throws IOException {
    long announced = headers.firstValueAsLong("Content-Length").orElse(-1);
    requireSmall(address, announced);
    long end = System.nanoTime() + limits.whole().toNanos();
    try (Upload upload = content.begin()) {
      byte[] piece = new byte[PIECE_BYTES];
      for (int count = body.read(piece); count >= 0; count = body.read(piece)) {
        upload.append(ByteBuffer.wrap(piece, 0, count));
        requireSmall(address, upload.length());
        if (System.nanoTime() > end) {
          throw unavailable(
              address, "it takes longer than %d s".formatted(limits.whole().toSeconds()), null);
        }
      }
      long length = upload.length();
      if (announced >= 0 && length != announced) {
        throw unavailable(
            address, "it announced %,d bytes and sent %,d".formatted(announced, length), null);
      }
      Digest digest = upload.commit();
      return new WebFile(name, digest, length);
    }
  }

  private void requireSmall(URI address, long length) {
    if (length > limits.bytes()) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "%s has more than %,d bytes: a file that is added may not"
              .formatted(address, limits.bytes()));
    }
  }

  private void remember(URI address, WebFile file, HttpHeaders headers) {
    Optional<String> tag = headers.firstValue("ETag");
    Optional<String> changed = headers.firstValue("Last-Modified");
    if (tag.isPresent() || changed.isPresent()) {
      if (remembered.size() >= MOST_REMEMBERED) {
        remembered.clear();
      }
      remembered.put(address, new Remembered(file, tag, changed));
    }
  }

  private static SlipwayException refused(URI address, int status) {
    return status == 404 || status == 410
        ? new SlipwayException(
            ErrorKind.NOT_FOUND,
            "there is no %s: its server answered %d".formatted(address, status))
        : unavailable(address, "its server answered " + status, null);
  }

  private static void discard(HttpResponse<InputStream> response) {
    try {
      response.body().close();
    } catch (IOException e) {
      // Nothing of it was wanted.
      return;
    }
  }

  private static String describe(IOException e) {
    String message = e.getMessage();
    return e instanceof ConnectException
        ? "it cannot be reached"
        : message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  private static SlipwayException unavailable(
      URI address, String reason, @org.jspecify.annotations.Nullable Throwable cause) {
    String sentence = "%s cannot be fetched: %s".formatted(address, reason);
    return cause == null
        ? new SlipwayException(ErrorKind.CONFLICT, sentence)
        : new SlipwayException(ErrorKind.CONFLICT, sentence, cause);
  }
}
