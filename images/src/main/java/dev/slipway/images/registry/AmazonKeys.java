package dev.slipway.images.registry;

/// Keys of a user of Amazon's cloud, which are exchanged for a login at one of its registries.
///
/// @param sessionToken of keys that are lent for a time; empty for those that last
public record AmazonKeys(String accessKeyId, String secretAccessKey, String sessionToken)
    implements RegistryLogin {
  @Override
  public String toString() {
    return "keys of Amazon";
  }
}
