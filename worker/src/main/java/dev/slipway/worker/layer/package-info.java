/// The layers of images on this machine: directories that become parts of root file systems,
/// visible only once they are whole.
@NullMarked
package dev.slipway.worker.layer;

import org.jspecify.annotations.NullMarked;
