/// Registries of container images: pulling from them by the OCI distribution protocol, and
/// unpacking what was pulled into directories that overlayfs can stack.
@NullMarked
package dev.slipway.images.registry;

import org.jspecify.annotations.NullMarked;
