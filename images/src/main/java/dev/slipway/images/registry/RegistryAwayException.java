package dev.slipway.images.registry;

/// Nobody is there at a registry's own address: it cannot be reached, or does not begin to answer.
/// One that answers badly, or sends us to somebody who is not there, is not away: it may serve
/// other images.
public final class RegistryAwayException extends Exception {
  private static final long serialVersionUID = 1L;

  RegistryAwayException(String host, String reason, Throwable cause) {
    super("registry %s %s".formatted(host, reason), cause);
  }

  /// A sentence that names the registry.
  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
