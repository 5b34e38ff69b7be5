package dev.slipway.controlplane.object;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.Identification;
import dev.slipway.controlplane.rpc.MetadataKeys;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.rpc.RpcServices;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.controlplane.workspace.Workspace;
import dev.slipway.controlplane.workspace.WorkspaceStore;
import dev.slipway.controlplane.workspace.Workspaces;
import dev.slipway.model.IdSource;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientFutureStub;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Jdbi;

/// Serves one feature's methods over gRPC, to clients of three workspaces: `ak-ann` has one that is
/// there with its environments, `ak-ours` and `ak-theirs` those of the [ObjectFixture].
public final class ObjectDoor implements AutoCloseable {
  private final Methods methods;
  private final Server server;
  private final ManagedChannel channel;

  public ObjectDoor(
      Jdbi jdbi, ObjectFixture fixture, Function<ObjectTranslation, RpcModule> feature) {
    WorkspaceStore store = new WorkspaceStore(jdbi);
    Environments environments =
        new Environments(store, IdSource.secure(), fixture.clock(), List.of());
    Workspaces workspaces = new Workspaces(store, environments, IdSource.secure());
    Workspace ann = workspaces.ensure("ann");
    methods = Methods.of(List.of(feature.apply(new ObjectTranslation(environments, workspaces))));
    Identification identification =
        new Identification(
            (id, secret) ->
                switch (id) {
                  case "ak-ann" -> Optional.of(new Caller.Client(ann.id(), id));
                  case "ak-ours" ->
                      Optional.of(new Caller.Client(ObjectFixture.OURS.workspace(), id));
                  case "ak-theirs" ->
                      Optional.of(new Caller.Client(ObjectFixture.THEIRS.workspace(), id));
                  default -> Optional.empty();
                },
            token -> Optional.empty(),
            task -> Optional.empty());
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name)
              .addServices(new RpcServices(methods, identification).definitions())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).build();
  }

  public Methods methods() {
    return methods;
  }

  /// @param key the idempotency key of all its calls
  public ModalClientBlockingStub client(String token, String key) {
    return ModalClientGrpc.newBlockingStub(channel).withInterceptors(headers(token, key));
  }

  /// The same for calls that are not waited for.
  public ModalClientFutureStub futureClient(String token, String key) {
    return ModalClientGrpc.newFutureStub(channel).withInterceptors(headers(token, key));
  }

  private static ClientInterceptor headers(String token, String key) {
    Metadata metadata = new Metadata();
    metadata.put(MetadataKeys.TOKEN_ID, token);
    metadata.put(MetadataKeys.TOKEN_SECRET, "as-any");
    metadata.put(MetadataKeys.CLIENT_VERSION, "1.6.4");
    metadata.put(MetadataKeys.CLIENT_TYPE, "1");
    metadata.put(MetadataKeys.IDEMPOTENCY_KEY, key);
    return MetadataUtils.newAttachHeadersInterceptor(metadata);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
