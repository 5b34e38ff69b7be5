package dev.slipway.controlplane.blob;

import dev.slipway.model.BlobId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The addresses of blobs: `/blob/ID?for=PURPOSE&part=N&until=SECONDS&seal=…`.
///
/// The seal is an HMAC over everything before it with a key that never leaves the database, so an
/// address can be neither guessed nor changed. The host is not part of it: clients and containers
/// reach the same server under different names.
public final class BlobLinks {
  /// Where the HTTP door serves blobs.
  public static final String PATH_PREFIX = "/blob/";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final Pattern PATH = Pattern.compile("/blob/(bl-[0-9A-Za-z]{1,64})");
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

  private final SecretKeySpec key;
  private final Clock clock;

  BlobLinks(byte[] key, Clock clock) {
    this.key = new SecretKeySpec(key, ALGORITHM);
    this.clock = clock;
  }

  /// Addresses sealed with this installation's key, which is made at the first start.
  public static BlobLinks open(BlobStore store, Clock clock) {
    byte[] fresh = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(fresh);
    return new BlobLinks(store.sealingKey(fresh), clock);
  }

  Instant now() {
    return clock.instant();
  }

  /// The path and query that allow what the link says.
  String seal(BlobLink link) {
    String open = unsealed(link);
    return open + "&seal=" + sealOf(open);
  }

  /// What a path with these query parameters allows.
  Checked check(String path, Function<String, @Nullable String> parameters) {
    Optional<BlobLink> claimed = parse(path, parameters);
    String seal = parameters.apply("seal");
    if (claimed.isEmpty() || seal == null) {
      return new Checked.Unknown();
    }
    byte[] expected = sealOf(unsealed(claimed.get())).getBytes(StandardCharsets.US_ASCII);
    if (!MessageDigest.isEqual(expected, seal.getBytes(StandardCharsets.UTF_8))) {
      return new Checked.Unknown();
    }
    return clock.instant().isAfter(claimed.get().expires())
        ? new Checked.Expired(claimed.get())
        : new Checked.Valid(claimed.get());
  }

  /// What an address turned out to be.
  sealed interface Checked {
    record Valid(BlobLink link) implements Checked {}

    record Expired(BlobLink link) implements Checked {}

    /// Not one of ours, or changed on the way.
    record Unknown() implements Checked {}
  }

  private static Optional<BlobLink> parse(
      String path, Function<String, @Nullable String> parameters) {
    Matcher matcher = PATH.matcher(path);
    String purpose = parameters.apply("for");
    String part = parameters.apply("part");
    String until = parameters.apply("until");
    if (!matcher.matches() || purpose == null || part == null || until == null) {
      return Optional.empty();
    }
    if (!NUMBER.matcher(part).matches() || !NUMBER.matcher(until).matches()) {
      return Optional.empty();
    }
    for (BlobLink.Purpose known : BlobLink.Purpose.values()) {
      if (nameOf(known).equals(purpose)) {
        return Optional.of(
            new BlobLink(
                new BlobId(matcher.group(1)),
                known,
                (int) Math.min(Long.parseLong(part), Integer.MAX_VALUE),
                Instant.ofEpochSecond(Long.parseLong(until))));
      }
    }
    return Optional.empty();
  }

  private static String unsealed(BlobLink link) {
    return PATH_PREFIX
        + link.blob()
        + "?for="
        + nameOf(link.purpose())
        + "&part="
        + link.part()
        + "&until="
        + link.expires().getEpochSecond();
  }

  private static String nameOf(BlobLink.Purpose purpose) {
    return purpose.name().toLowerCase(Locale.ROOT);
  }

  private String sealOf(String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
