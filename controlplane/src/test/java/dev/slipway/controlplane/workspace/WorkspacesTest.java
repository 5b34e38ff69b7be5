package dev.slipway.controlplane.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientKind;
import dev.slipway.controlplane.rpc.ClientVersion;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import dev.slipway.model.WorkspaceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class WorkspacesTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  @TempDir Path data;

  private final IdSource ids = IdSource.secure();
  private final WorkspaceStore store = new WorkspaceStore(FIXTURE.database().jdbi());
  private final List<String> left = new ArrayList<>();
  private final Environments environments =
      new Environments(store, ids, InstantSource.system(), List.of(gone -> left.add(gone.name())));
  private final Workspaces workspaces = new Workspaces(store, environments, ids);
  private WorkspaceId workspace = new WorkspaceId("ac-0");

  @BeforeEach
  void makeAWorkspace() {
    workspace = workspaces.ensure(ids.next("w")).id();
  }

  @Test
  void aWorkspaceIsMadeOnceWithADefaultEnvironment() {
    Workspace made = workspaces.ensure("acme");
    assertThat(workspaces.ensure("acme")).isEqualTo(made);
    assertThat(workspaces.require(made.id())).isEqualTo(made);
    assertThat(environments.list(made.id()))
        .singleElement()
        .satisfies(main -> assertThat(main.name()).isEqualTo("main"))
        .isEqualTo(environments.require(made.id(), ""));
  }

  @Test
  void environmentsAreFoundByNameAndOnlyInTheirWorkspace() {
    Environment made = environments.create(workspace, "staging", "2024.10");
    assertThat(environments.require(workspace, "staging")).isEqualTo(made);
    assertThat(environments.require(workspace, made.id())).isEqualTo(made);

    WorkspaceId other = workspaces.ensure(ids.next("w")).id();
    assertRefused(ErrorKind.NOT_FOUND, () -> environments.require(other, "staging"));
    assertRefused(ErrorKind.NOT_FOUND, () -> environments.require(other, made.id()));
  }

  @Test
  void anEmptyNameMeansTheTasksOwnEnvironmentToATask() {
    Environment staging = environments.create(workspace, "staging", "");
    Caller task = new Caller.Task(new TaskId("ta-1"), workspace, staging.id(), "staging");
    assertThat(environments.require(context(task), "")).isEqualTo(staging);
    assertThat(environments.require(context(task), "main").isDefault()).isTrue();
    Caller client = new Caller.Client(workspace, "ak-1");
    assertThat(environments.require(context(client), "").isDefault()).isTrue();
  }

  @Test
  void aNameCanBeTakenOnceAndAgainAfterItsDeletion() {
    Environment first = environments.create(workspace, "trial", "");
    assertRefused(ErrorKind.EXISTS, () -> environments.create(workspace, "trial", ""));
    environments.delete(workspace, "trial");
    assertThat(left).containsExactly("trial");
    assertThat(environments.find(workspace, "trial")).isEmpty();
    assertThat(environments.create(workspace, "trial", "").id()).isNotEqualTo(first.id());
  }

  @Test
  void refusesWhatCannotBe() {
    for (String name : List.of("", "en-1", "a.b", "ünder", "-x", "x".repeat(65))) {
      assertRefused(ErrorKind.INVALID, () -> environments.create(workspace, name, ""));
    }
    assertRefused(ErrorKind.INVALID, () -> environments.create(workspace, "ok", "1999.01"));
    assertRefused(ErrorKind.CONFLICT, () -> environments.delete(workspace, "main"));
    assertRefused(ErrorKind.NOT_FOUND, () -> environments.delete(workspace, "absent"));
  }

  @Test
  void theLocalTokenSurvivesRestartsAndLosses() throws IOException {
    LocalIdentity first = start();
    assertThat(start()).isEqualTo(first);
    assertThat(tokens().find(first.token().id(), first.token().secret()))
        .contains(new Caller.Client(first.workspace().id(), first.token().id()));
    assertThat(LocalToken.find(data)).contains(first.token());

    Files.delete(data.resolve(LocalToken.FILE));
    LocalIdentity afterLoss = start();
    assertThat(afterLoss.workspace()).isEqualTo(first.workspace());
    assertThat(afterLoss.token()).isNotEqualTo(first.token());
  }

  @Test
  void onlyTheOwnerCanReadSecrets() throws IOException {
    start();
    WorkerToken.ensure(data, ids);
    for (String file : List.of(LocalToken.FILE, WorkerToken.FILE)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(file))))
          .isEqualTo("rw-------");
    }
    assertThat(start().toString()).doesNotContain("as-");
  }

  @Test
  void wrongTokensAreNobodys() {
    LocalToken token = start().token();
    Tokens tokens = tokens();
    assertThat(tokens.find(token.id(), token.secret() + "x")).isEmpty();
    assertThat(tokens.find("ak-absent", token.secret())).isEmpty();
    assertThat(tokens.find("' or 1=1 --", token.secret())).isEmpty();
  }

  @Test
  void theWorkerTokenStaysAndProvesTheWorker() {
    WorkerToken token = WorkerToken.ensure(data, ids);
    assertThat(WorkerToken.ensure(data, ids).value()).isEqualTo(token.value());
    assertThat(token.find(token.value())).contains(new Caller.Worker("local"));
    assertThat(token.find(token.value() + "x")).isEmpty();
  }

  private LocalIdentity start() {
    return LocalIdentity.ensure(data, workspaces, tokens(), ids);
  }

  /// As after a restart: with nothing remembered.
  private Tokens tokens() {
    return new Tokens(store, InstantSource.system(), new SecureRandom());
  }

  private static RpcContext context(Caller caller) {
    return new RpcContext(
        caller, ClientVersion.parse("1.6.4"), ClientKind.PYTHON, Optional.empty());
  }

  private static void assertRefused(ErrorKind kind, ThrowingCallable attempt) {
    assertThatThrownBy(attempt)
        .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(kind));
  }
}
