package dev.slipway.controlplane.image;

/// A file of the build context that came with the request.
///
/// @param path absolute in the context
/// @param data the contents; never changed
public record InlineFile(String path, byte[] data) {}
