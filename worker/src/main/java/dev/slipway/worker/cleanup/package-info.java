/// Cleaning up after a worker: whatever an installation still has in the kernel, found by name; and
/// the layers and mounts that nobody needs.
@NullMarked
package dev.slipway.worker.cleanup;

import org.jspecify.annotations.NullMarked;
