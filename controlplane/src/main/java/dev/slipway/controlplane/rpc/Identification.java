package dev.slipway.controlplane.rpc;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import io.grpc.Metadata;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads from a call's metadata who is calling and with what.
public final class Identification {
  private static final int SHOWN_LENGTH = 40;
  private static final Pattern WORKER_ID = Pattern.compile("[0-9A-Za-z-]{1,64}");

  private final ClientTokens clientTokens;
  private final WorkerTokens workerTokens;
  private final TaskDirectory tasks;

  public Identification(ClientTokens clientTokens, WorkerTokens workerTokens, TaskDirectory tasks) {
    this.clientTokens = clientTokens;
    this.workerTokens = workerTokens;
    this.tasks = tasks;
  }

  /// The context of a call with this metadata. Wrong credentials are refused here; missing ones
  /// make the caller anonymous.
  RpcContext identify(Metadata metadata) {
    String version = metadata.get(MetadataKeys.CLIENT_VERSION);
    ClientKind kind = kind(metadata.get(MetadataKeys.CLIENT_TYPE));
    ClientVersion clientVersion =
        version == null ? ClientVersion.OLDEST_SUPPORTED : ClientVersion.parse(version);
    ClientDifferences.requireSupported(kind, clientVersion);
    return new RpcContext(
        caller(metadata),
        clientVersion,
        kind,
        Optional.ofNullable(metadata.get(MetadataKeys.IDEMPOTENCY_KEY)));
  }

  private Caller caller(Metadata metadata) {
    String workerToken = metadata.get(MetadataKeys.WORKER_TOKEN);
    if (workerToken != null) {
      return workerOrItsTask(
          workerToken, metadata.get(MetadataKeys.WORKER_ID), metadata.get(MetadataKeys.TASK_ID));
    }
    String tokenId = metadata.get(MetadataKeys.TOKEN_ID);
    String tokenSecret = metadata.get(MetadataKeys.TOKEN_SECRET);
    if (tokenId == null && tokenSecret == null) {
      return new Caller.Anonymous();
    }
    if (tokenId == null || tokenSecret == null) {
      throw refused(
          "This call carries only half of a token; expected both an id (ak-…) and a secret (as-…)");
    }
    return clientTokens
        .find(tokenId, tokenSecret)
        .orElseThrow(() ->
            refused(
                "Token '"
                    + Shown.atMost(tokenId, SHOWN_LENGTH)
                    + "' is unknown here or its secret is wrong; "
                    + "'./slipway env' prints the local workspace's token"));
  }

  private Caller workerOrItsTask(
      String workerToken, @Nullable String workerId, @Nullable String taskId) {
    Caller.Worker worker =
        workerTokens
            .find(workerToken)
            .orElseThrow(() -> refused("The worker's token is unknown here"));
    if (taskId == null) {
      return workerId == null ? worker : named(workerId);
    }
    return tasks
        .find(new TaskId(taskId))
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND, "Task '" + taskId + "' is not running here any more"));
  }

  private static Caller.Worker named(String workerId) {
    if (!WORKER_ID.matcher(workerId).matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "The worker calls itself '"
              + Shown.atMost(workerId, SHOWN_LENGTH)
              + "'; expected 1 to 64 letters, digits and dashes");
    }
    return new Caller.Worker(workerId);
  }

  private static ClientKind kind(@Nullable String type) {
    try {
      return ClientKind.ofNumber(type == null ? 0 : Integer.parseInt(type));
    } catch (NumberFormatException e) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "The client says its type is '"
              + Shown.atMost(String.valueOf(type), SHOWN_LENGTH)
              + "'; expected a number",
          e);
    }
  }

  private static SlipwayException refused(String sentence) {
    return new SlipwayException(ErrorKind.UNAUTHENTICATED, sentence);
  }
}
