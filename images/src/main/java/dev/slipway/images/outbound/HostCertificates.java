package dev.slipway.images.outbound;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// The bundle of certificates that this machine trusts.
public final class HostCertificates {
  /// Variables that name a bundle, for one program or another.
  public static final List<String> VARIABLES =
      List.of(
          "PIP_CERT",
          "SSL_CERT_FILE",
          "REQUESTS_CA_BUNDLE",
          "CURL_CA_BUNDLE",
          "AWS_CA_BUNDLE",
          "GIT_SSL_CAINFO",
          "NODE_EXTRA_CA_CERTS");

  /// Where distributions keep theirs.
  private static final List<Path> BUNDLES =
      List.of(
          Path.of("/etc/ssl/certs/ca-certificates.crt"),
          Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
          Path.of("/etc/ssl/ca-bundle.pem"),
          Path.of("/etc/ssl/cert.pem"));

  private HostCertificates() {}

  /// The bundle: one that the operator named is the one that knows the site's own authorities.
  public static Optional<Path> bundle(Map<String, String> environment) {
    return VARIABLES.stream()
        .flatMap(name -> Optional.ofNullable(environment.get(name)).stream())
        .map(Path::of)
        .filter(Files::isRegularFile)
        .findFirst()
        .or(() -> BUNDLES.stream().filter(Files::isRegularFile).findFirst());
  }

  /// TLS that trusts a bundle.
  ///
  /// @throws IOException when the file is no bundle of certificates
  static SSLContext trust(Path bundle) throws IOException {
    try (InputStream in = Files.newInputStream(bundle)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int count = 0;
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("host-" + count++, one);
      }
      TrustManagerFactory managers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("'" + bundle + "' cannot be read as certificates", e);
    }
  }
}
