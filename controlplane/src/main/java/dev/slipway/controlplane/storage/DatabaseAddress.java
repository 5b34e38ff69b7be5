package dev.slipway.controlplane.storage;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/// Where a PostgreSQL database is and who we are there.
///
/// @param jdbcUrl `jdbc:postgresql://HOST:PORT/NAME?…`, without user and password
/// @param user empty: the driver's default, the name of the operating system's user
/// @param password empty: none is sent
public record DatabaseAddress(String jdbcUrl, String user, String password) {
  private static final String JDBC = "jdbc:";

  /// Reads what an operator writes after `--database`: `postgresql://USER:PASSWORD@HOST:PORT/NAME`
  /// with the driver's options after a question mark, or the same with `jdbc:` before it.
  ///
  /// @throws SlipwayException INVALID when it is no such URL; the sentence never shows the password
  public static DatabaseAddress parse(String url) {
    String plain = url.startsWith(JDBC) ? url.substring(JDBC.length()) : url;
    URI uri;
    try {
      uri = URI.create(plain);
    } catch (IllegalArgumentException e) {
      throw invalid("it is not a URL", e);
    }
    if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
      throw invalid("its scheme is '" + uri.getScheme() + "'", null);
    }
    String path = uri.getPath();
    if (uri.getHost() == null || path == null || path.length() < 2) {
      throw invalid("host or database name is missing", null);
    }
    String[] credentials = {"", ""};
    if (uri.getRawUserInfo() != null) {
      String[] parts = uri.getRawUserInfo().split(":", 2);
      for (int i = 0; i < parts.length; i++) {
        credentials[i] = URLDecoder.decode(parts[i].replace("+", "%2B"), StandardCharsets.UTF_8);
      }
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    return new DatabaseAddress(
        "jdbc:postgresql://" + uri.getHost() + port + uri.getRawPath() + query,
        credentials[0],
        credentials[1]);
  }

  private static SlipwayException invalid(
      String what, @org.jspecify.annotations.Nullable Exception cause) {
    String sentence =
        "the database URL is not usable: "
            + what
            + "; expected postgresql://USER:PASSWORD@HOST:PORT/NAME";
    return cause == null
        ? new SlipwayException(ErrorKind.INVALID, sentence)
        : new SlipwayException(ErrorKind.INVALID, sentence, cause);
  }

  /// The address without the password, for logs.
  @Override
  public String toString() {
    return user.isEmpty() ? jdbcUrl : jdbcUrl + " as " + user;
  }
}
