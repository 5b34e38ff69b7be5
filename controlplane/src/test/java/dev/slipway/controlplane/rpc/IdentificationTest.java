package dev.slipway.controlplane.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import io.grpc.Metadata;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IdentificationTest {
  private static final Caller.Client CLIENT = new Caller.Client(new WorkspaceId("ac-1"), "ak-1");
  private static final Caller.Worker WORKER = new Caller.Worker("local");
  private static final Caller.Task TASK =
      new Caller.Task(
          new TaskId("ta-1"), new WorkspaceId("ac-1"), new EnvironmentId("en-1"), "main");

  private final Identification identification =
      new Identification(
          (id, secret) ->
              id.equals("ak-1") && secret.equals("as-1") ? Optional.of(CLIENT) : Optional.empty(),
          token -> token.equals("wt-1") ? Optional.of(WORKER) : Optional.empty(),
          task -> task.equals(TASK.task()) ? Optional.of(TASK) : Optional.empty());
  private final Metadata metadata = new Metadata();

  @Test
  void knowsAClientByItsToken() {
    metadata.put(MetadataKeys.TOKEN_ID, "ak-1");
    metadata.put(MetadataKeys.TOKEN_SECRET, "as-1");
    metadata.put(MetadataKeys.CLIENT_TYPE, "1");
    metadata.put(MetadataKeys.CLIENT_VERSION, "1.6.4");
    metadata.put(MetadataKeys.IDEMPOTENCY_KEY, "key");
    assertThat(identification.identify(metadata))
        .isEqualTo(
            new RpcContext(
                CLIENT, new ClientVersion(1, 6, 4), ClientKind.PYTHON, Optional.of("key")));
  }

  @Test
  void knowsAWorkerByItsTokenAndATaskByItsWorker() {
    metadata.put(MetadataKeys.WORKER_TOKEN, "wt-1");
    assertThat(identification.identify(metadata).caller()).isEqualTo(WORKER);
    metadata.put(MetadataKeys.TASK_ID, "ta-1");
    assertThat(identification.identify(metadata).caller()).isEqualTo(TASK);
  }

  @Test
  void takesNoTaskIdFromAnybodyButAWorker() {
    metadata.put(MetadataKeys.TASK_ID, "ta-1");
    assertThat(identification.identify(metadata).caller()).isEqualTo(new Caller.Anonymous());
    metadata.put(MetadataKeys.WORKER_TOKEN, "wt-guessed");
    assertRefused(ErrorKind.UNAUTHENTICATED, "worker");
  }

  @Test
  void refusesWrongAndHalfTokens() {
    metadata.put(MetadataKeys.TOKEN_ID, "ak-1");
    assertRefused(ErrorKind.UNAUTHENTICATED, "half");
    metadata.put(MetadataKeys.TOKEN_SECRET, "as-2");
    assertRefused(ErrorKind.UNAUTHENTICATED, "ak-1");
  }

  @Test
  void refusesATaskThatIsGone() {
    metadata.put(MetadataKeys.WORKER_TOKEN, "wt-1");
    metadata.put(MetadataKeys.TASK_ID, "ta-2");
    assertRefused(ErrorKind.NOT_FOUND, "ta-2");
  }

  @Test
  void refusesATypeThatIsNoNumber() {
    metadata.put(MetadataKeys.CLIENT_TYPE, "python");
    assertRefused(ErrorKind.INVALID, "python");
  }

  private void assertRefused(ErrorKind kind, String part) {
    assertThatThrownBy(() -> identification.identify(metadata))
        .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .hasMessageContaining(part);
  }
}
