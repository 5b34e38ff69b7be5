package dev.slipway.images.web;

import dev.slipway.model.Digest;

/// A file of the web, whose bytes are in the content store.
///
/// @param name the last part of its address, or what it was asked for as
public record WebFile(String name, Digest digest, long length) {
  WebFile named(String other) {
    return new WebFile(other, digest, length);
  }
}
