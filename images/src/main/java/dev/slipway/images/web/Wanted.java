package dev.slipway.images.web;

import dev.slipway.model.Digest;
import java.util.Optional;

/// A file of the web that is asked for.
///
/// @param name what it is called when its address does not say; empty to refuse such an address
/// @param checksum what its contents must have
public record Wanted(String address, String name, Optional<Digest> checksum) {
  public static Wanted of(String address) {
    return new Wanted(address, "", Optional.empty());
  }
}
