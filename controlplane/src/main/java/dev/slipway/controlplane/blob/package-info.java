/// Blobs: bytes too large for a message, announced by gRPC and moved over HTTP at addresses that
/// cannot be guessed and expire.
@NullMarked
package dev.slipway.controlplane.blob;

import org.jspecify.annotations.NullMarked;
