/// The containers' way to the platform: a unix socket for each, whose calls are passed on unparsed
/// with the task's name on them, and blobs over HTTP on the gateway's address.
@NullMarked
package dev.slipway.worker.relay;

import org.jspecify.annotations.NullMarked;
