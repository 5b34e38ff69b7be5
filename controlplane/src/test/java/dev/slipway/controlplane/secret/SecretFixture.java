package dev.slipway.controlplane.secret;

import dev.slipway.controlplane.object.ObjectFixture;
import dev.slipway.model.SecretId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Secrets of two workspaces, with a master key in a file of the test's.
final class SecretFixture {
  private final Jdbi jdbi;
  private final ObjectFixture objects;
  private final Secrets secrets;

  SecretFixture(Jdbi jdbi, Path masterKey) {
    this.jdbi = jdbi;
    objects = new ObjectFixture(jdbi);
    jdbi.useHandle(handle -> handle.execute("truncate secret_master_key, secret_data_key"));
    secrets = reopened(masterKey);
  }

  /// The same as a server finds them that starts now.
  Secrets reopened(Path masterKey) {
    KeyStore keys = new KeyStore(jdbi);
    return new Secrets(
        objects.reopened(jdbi),
        new SecretStore(jdbi),
        new DataKeys(new MasterKey(masterKey, keys), keys),
        objects.clock());
  }

  Secrets secrets() {
    return secrets;
  }

  ObjectFixture objects() {
    return objects;
  }

  /// The id of a secret of ours.
  SecretId make(String name, Map<String, String> variables) {
    return secrets
        .make(ObjectFixture.OURS, name, dev.slipway.controlplane.object.Creation.NEW, variables)
        .id();
  }

  SecretId makeAnonymous(Map<String, String> variables) {
    return secrets.makeAnonymous(ObjectFixture.OURS, Optional.empty(), variables).id();
  }

  Map<String, String> open(SecretId... ids) {
    return secrets.open(ObjectFixture.OURS.workspace(), List.of(ids)).values();
  }
}
