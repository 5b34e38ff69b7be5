/// Builds images: executes the steps of a recipe on a root file system whose changes are the new
/// layer.
@NullMarked
package dev.slipway.worker.build;

import org.jspecify.annotations.NullMarked;
