package dev.slipway.controlplane.workspace;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The token of the local workspace, as it lies in the data directory for the owner of that
/// directory: the only place where a secret is readable.
///
/// The file holds one shell assignment a line, so that a shell can read it as well.
public record LocalToken(String id, String secret) {
  static final String FILE = "local-token";
  private static final String ID = "MODAL_TOKEN_ID";
  private static final String SECRET = "MODAL_TOKEN_SECRET";

  /// The token of the server whose data lies in this directory, if one ever started there.
  public static Optional<LocalToken> find(Path dataDirectory) {
    Path file = dataDirectory.resolve(FILE);
    Map<String, String> values = new HashMap<>();
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String id = values.getOrDefault(ID, "");
    String secret = values.getOrDefault(SECRET, "");
    if (!id.startsWith("ak-") || !secret.startsWith("as-")) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS,
          file
              + " is damaged; expected the lines "
              + ID
              + "=ak-… and "
              + SECRET
              + "=as-…; delete the file to get a new token at the next start");
    }
    return Optional.of(new LocalToken(id, secret));
  }

  static LocalToken mint(IdSource ids) {
    return new LocalToken(ids.next("ak"), ids.next("as"));
  }

  void write(Path dataDirectory) {
    OwnerFile.write(
        dataDirectory.resolve(FILE), ID + "=" + id + "\n" + SECRET + "=" + secret + "\n");
  }

  /// Without the secret, as this may end up in a log.
  @Override
  public String toString() {
    return "LocalToken[" + id + "]";
  }
}
