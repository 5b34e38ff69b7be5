/// Mounts: sets of files that clients upload for their functions and images, each named by its
/// contents.
@NullMarked
package dev.slipway.controlplane.mount;

import org.jspecify.annotations.NullMarked;
