package dev.slipway.controlplane.secret;

import com.google.crypto.tink.Aead;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.concurrent.ConcurrentHashMap;

/// One key for each environment, which encrypts the values of its secrets. A ciphertext is bound to
/// its environment, secret and variable: copied to another row, it decrypts to nothing.
public final class DataKeys {
  private final MasterKey master;
  private final KeyStore store;
  private final ConcurrentHashMap<EnvironmentId, Aead> known = new ConcurrentHashMap<>();

  public DataKeys(MasterKey master, KeyStore store) {
    this.master = master;
    this.store = store;
  }

  /// Encrypts a value.
  ///
  /// @throws SlipwayException CONFLICT when the master key is not there
  byte[] seal(EnvironmentId environment, SecretId secret, String name, String value) {
    return Ciphers.seal(
        cipher(environment),
        value.getBytes(StandardCharsets.UTF_8),
        place(environment, secret, name));
  }

  /// Decrypts a value.
  ///
  /// @throws SlipwayException CONFLICT when the master key is not there, DATA_LOSS when what is
  ///   stored is not what was encrypted for this place
  String open(EnvironmentId environment, SecretId secret, String name, byte[] sealed) {
    try {
      byte[] value = cipher(environment).decrypt(sealed, place(environment, secret, name));
      return new String(value, StandardCharsets.UTF_8);
    } catch (GeneralSecurityException e) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS,
          "the value of %s in secret %s is damaged: what is stored was not encrypted for it"
              .formatted(name, secret));
    }
  }

  /// Forgets the key of an environment that is deleted: what it encrypted is gone with it.
  void forget(EnvironmentId environment) {
    store.deleteDataKey(environment);
    known.remove(environment);
  }

  private Aead cipher(EnvironmentId environment) {
    Aead cipher = known.get(environment);
    if (cipher == null) {
      cipher = load(environment);
      known.put(environment, cipher);
    }
    return cipher;
  }

  private Aead load(EnvironmentId environment) {
    Aead with = master.require();
    byte[] wrapped =
        store
            .findDataKey(environment)
            .orElseGet(() ->
                store.addDataKey(environment, master.ciphers().wrapNew(with, environment.value())));
    try {
      return master.ciphers().unwrap(with, environment.value(), wrapped);
    } catch (GeneralSecurityException e) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS,
          "the data key of environment %s is damaged: its secrets cannot be read"
              .formatted(environment));
    }
  }

  private static byte[] place(EnvironmentId environment, SecretId secret, String name) {
    return Ciphers.place("value", environment.value(), secret.value(), name);
  }
}
