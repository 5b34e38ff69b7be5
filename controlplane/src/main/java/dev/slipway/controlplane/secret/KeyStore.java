package dev.slipway.controlplane.secret;

import dev.slipway.model.EnvironmentId;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Encrypted data keys in the database, and the proof of the key that they are encrypted with.
public final class KeyStore {
  private final Jdbi jdbi;

  public KeyStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// What the master key encrypted when it was first used.
  Optional<byte[]> findProof() {
    return jdbi.withHandle(handle ->
        handle.createQuery("select proof from secret_master_key").mapTo(byte[].class).findOne());
  }

  /// The proof that counts: this one, or one that was there before.
  byte[] addProof(byte[] proof) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                "insert into secret_master_key (proof) values (:proof) on conflict do nothing")
            .bind("proof", proof)
            .execute());
    return findProof().orElseThrow();
  }

  Optional<byte[]> findDataKey(EnvironmentId environment) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select wrapped from secret_data_key where environment_id = :environment")
            .bind("environment", environment.value())
            .mapTo(byte[].class)
            .findOne());
  }

  /// The key that counts: this one, or one that was there before.
  byte[] addDataKey(EnvironmentId environment, byte[] wrapped) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate(
                """
                insert into secret_data_key (environment_id, wrapped)
                values (:environment, :wrapped) on conflict do nothing
                """)
            .bind("environment", environment.value())
            .bind("wrapped", wrapped)
            .execute());
    return findDataKey(environment).orElseThrow();
  }

  void deleteDataKey(EnvironmentId environment) {
    jdbi.useHandle(handle ->
        handle
            .createUpdate("delete from secret_data_key where environment_id = :environment")
            .bind("environment", environment.value())
            .execute());
  }
}
