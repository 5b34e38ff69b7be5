package dev.slipway.controlplane.secret;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.util.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/// Tink's ciphers, as secrets use them: AES-256 in GCM mode, each ciphertext bound to the place it
/// is for.
final class Ciphers {
  /// Bytes of the master key.
  static final int MASTER_KEY_BYTES = 32;

  private static final int IV_BYTES = 12;
  private static final int TAG_BYTES = 16;

  Ciphers() {
    try {
      AeadConfig.register();
    } catch (GeneralSecurityException e) {
      throw impossible(e);
    }
  }

  /// The cipher of a master key.
  @AccessesPartialKey
  Aead master(byte[] key) {
    try {
      AesGcmKey master =
          AesGcmKey.builder()
              .setParameters(
                  AesGcmParameters.builder()
                      .setKeySizeBytes(MASTER_KEY_BYTES)
                      .setIvSizeBytes(IV_BYTES)
                      .setTagSizeBytes(TAG_BYTES)
                      .setVariant(AesGcmParameters.Variant.NO_PREFIX)
                      .build())
              .setKeyBytes(SecretBytes.copyFrom(key, InsecureSecretKeyAccess.get()))
              .build();
      KeysetHandle handle =
          KeysetHandle.newBuilder()
              .addEntry(KeysetHandle.importKey(master).withRandomId().makePrimary())
              .build();
      return handle.getPrimitive(RegistryConfiguration.get(), Aead.class);
    } catch (GeneralSecurityException e) {
      throw impossible(e);
    }
  }

  /// A new data key, encrypted.
  byte[] wrapNew(Aead master, String environment) {
    try {
      return TinkProtoKeysetFormat.serializeEncryptedKeyset(
          KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM),
          master,
          place("data-key", environment));
    } catch (GeneralSecurityException e) {
      throw impossible(e);
    }
  }

  /// The cipher of a data key.
  ///
  /// @throws GeneralSecurityException when it was encrypted with another master key or for another
  ///   environment
  Aead unwrap(Aead master, String environment, byte[] wrapped) throws GeneralSecurityException {
    return TinkProtoKeysetFormat.parseEncryptedKeyset(
            wrapped, master, place("data-key", environment))
        .getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  /// Encrypts, which fails for no message.
  static byte[] seal(Aead cipher, byte[] message, byte[] place) {
    try {
      return cipher.encrypt(message, place);
    } catch (GeneralSecurityException e) {
      throw impossible(e);
    }
  }

  /// What a ciphertext belongs to. Every part is preceded by its length, so that no two places look
  /// the same.
  static byte[] place(String... parts) {
    byte[][] encoded = new byte[parts.length][];
    int size = 0;
    for (int i = 0; i < parts.length; i++) {
      encoded[i] = parts[i].getBytes(StandardCharsets.UTF_8);
      size += Integer.BYTES + encoded[i].length;
    }
    ByteBuffer place = ByteBuffer.allocate(size);
    for (byte[] part : encoded) {
      place.putInt(part.length).put(part);
    }
    return place.array();
  }

  private static IllegalStateException impossible(GeneralSecurityException e) {
    return new IllegalStateException("the cipher is not available", e);
  }
}
