package dev.slipway.controlplane.workspace;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.WorkerTokens;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/// What proves the workers of this installation: one token, in the data directory, for the worker
/// in the same process and for those on other machines.
public final class WorkerToken implements WorkerTokens {
  static final String FILE = "worker-token";

  /// The worker that runs in the server's own process.
  public static final String WORKER_ID = "local";

  private static final String PREFIX = "wt-";

  private final String value;

  private WorkerToken(String value) {
    this.value = value;
  }

  /// The token in this directory, made at the first start.
  public static WorkerToken ensure(Path dataDirectory, IdSource ids) {
    Path file = dataDirectory.resolve(FILE);
    try {
      if (!Files.exists(file)) {
        OwnerFile.write(file, ids.next("wt") + "\n");
      }
      String value = Files.readString(file).strip();
      if (!value.startsWith(PREFIX)) {
        throw new SlipwayException(
            ErrorKind.DATA_LOSS,
            file
                + " is damaged; expected a token "
                + PREFIX
                + "…; delete the file to get a new one at the next start");
      }
      return new WorkerToken(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What a worker sends to prove itself.
  public String value() {
    return value;
  }

  @Override
  public Optional<Caller.Worker> find(String token) {
    boolean same =
        MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    return same ? Optional.of(new Caller.Worker(WORKER_ID)) : Optional.empty();
  }
}
