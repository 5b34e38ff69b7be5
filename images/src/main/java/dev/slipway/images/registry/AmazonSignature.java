package dev.slipway.images.registry;

import dev.slipway.model.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs a request by version 4 of Amazon's signatures:
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
///
/// @param region whose service is asked, such as `eu-west-1`
/// @param service such as `ecr`
record AmazonSignature(AmazonKeys keys, String region, String service) {
  private static final String ALGORITHM = "AWS4-HMAC-SHA256";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  /// The form of a time in the header `X-Amz-Date`, which must be among those that are signed.
  static String time(Instant instant) {
    return TIME.format(instant);
  }

  /// The header `Authorization` of a request for `/` without a query.
  ///
  /// @param headers all that are signed, `Host` among them
  String authorization(String method, Map<String, String> headers, byte[] body, Instant now) {
    SortedMap<String, String> signed = new TreeMap<>();
    headers.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value.strip()));
    String names = String.join(";", signed.keySet());
    String lines =
        signed.entrySet().stream()
            .map(header -> header.getKey() + ":" + header.getValue() + "\n")
            .collect(Collectors.joining());
    String request = String.join("\n", method, "/", "", lines, names, Digest.sha256(body).hex());
    String time = time(now);
    String day = time.substring(0, 8);
    String scope = String.join("/", day, region, service, "aws4_request");
    String toSign = String.join("\n", ALGORITHM, time, scope, Digest.sha256(bytes(request)).hex());
    byte[] key = bytes("AWS4" + keys.secretAccessKey());
    for (String part : scope.split("/")) {
      key = code(key, part);
    }
    return "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
        .formatted(
            ALGORITHM,
            keys.accessKeyId(),
            scope,
            names,
            HexFormat.of().formatHex(code(key, toSign)));
  }

  private static byte[] code(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC with SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
