package dev.slipway.images.web;

import dev.slipway.model.Digest;

/// A file of the web, whose bytes are in the content store.
///
/// @param name the last part of its address
public record WebFile(String name, Digest digest, long length) {}
