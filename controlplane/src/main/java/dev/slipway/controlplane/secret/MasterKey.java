package dev.slipway.controlplane.secret;

import com.google.crypto.tink.Aead;
import dev.slipway.controlplane.workspace.OwnerFile;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The key that encrypts the data keys. It lies in a file outside of the database, readable by its
/// owner only: 32 random bytes in Base64. The file is made when it is first needed, unless the
/// database holds something that only a key which is gone can decrypt.
///
/// Without the right file secrets cannot be used, and everything else can; once the file is there
/// again, so are they, without a restart.
public final class MasterKey {
  private static final Logger log = LoggerFactory.getLogger(MasterKey.class);

  /// Most bytes of the file that are looked at.
  private static final int MOST_FILE_BYTES = 1_024;

  private static final Set<PosixFilePermission> OF_OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));

  /// What the database keeps encrypted, to know the key again.
  private static final byte[] PROOF = "slipway".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] PROOF_PLACE = Ciphers.place("master-key");

  private final Path file;
  private final KeyStore store;
  private final Ciphers ciphers = new Ciphers();
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Aead cipher;

  public MasterKey(Path file, KeyStore store) {
    this.file = file;
    this.store = store;
  }

  Ciphers ciphers() {
    return ciphers;
  }

  /// Says in the log when the secrets that there are cannot be used.
  public void check() {
    try {
      if (store.findProof().isPresent()) {
        require();
      }
    } catch (SlipwayException e) {
      log.error("{}", e.getMessage());
    }
  }

  /// The cipher.
  ///
  /// @throws SlipwayException CONFLICT when the file is missing, damaged, readable by others, or
  ///   holds another key than the one that the secrets were encrypted with
  Aead require() {
    lock.lock();
    try {
      Aead known = cipher;
      if (known == null) {
        known = open();
        cipher = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private Aead open() {
    Optional<byte[]> proof = store.findProof();
    if (!Files.exists(file)) {
      if (proof.isPresent()) {
        throw unusable("is missing", "it is the only way to read the secrets that were made");
      }
      make();
    }
    Aead read = ciphers.master(read());
    byte[] expected = proof.orElseGet(() -> store.addProof(Ciphers.seal(read, PROOF, PROOF_PLACE)));
    try {
      if (Arrays.equals(read.decrypt(expected, PROOF_PLACE), PROOF)) {
        return read;
      }
    } catch (GeneralSecurityException e) {
      // Refused below: there is nothing in it that would say more.
    }
    throw unusable(
        "holds another key than the one that the secrets were encrypted with",
        "put the right one back");
  }

  private void make() {
    byte[] key = new byte[Ciphers.MASTER_KEY_BYTES];
    new SecureRandom().nextBytes(key);
    try {
      OwnerFile.write(file, Base64.getEncoder().encodeToString(key) + "\n");
    } catch (RuntimeException e) {
      throw unusable(
          "cannot be written (" + e.getMessage() + ")", "it is made for the first secret");
    }
    log.info("made the master key of the secrets, {}: without it they are lost", file);
  }

  private byte[] read() {
    try {
      Set<PosixFilePermission> open = EnumSet.copyOf(OF_OTHERS);
      open.retainAll(Files.getPosixFilePermissions(file));
      if (!open.isEmpty()) {
        throw unusable("can be used by others than its owner " + open, "expected the mode 0600");
      }
      byte[] bytes;
      try (var in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MOST_FILE_BYTES);
      }
      byte[] key = Base64.getDecoder().decode(new String(bytes, StandardCharsets.US_ASCII).strip());
      if (key.length == Ciphers.MASTER_KEY_BYTES) {
        return key;
      }
    } catch (IOException e) {
      throw unusable("cannot be read (" + e + ")", "expected a file of the server's own user");
    } catch (IllegalArgumentException e) {
      // Refused below, without what it holds.
    }
    throw unusable("holds no key", "expected 32 bytes in Base64");
  }

  private SlipwayException unusable(String what, String hint) {
    return new SlipwayException(
        ErrorKind.CONFLICT,
        "secrets cannot be used: the master key file %s %s; %s".formatted(file, what, hint));
  }
}
