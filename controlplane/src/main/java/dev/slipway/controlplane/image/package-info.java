/// Images: finding what was built before, building what was not, once for everybody who asks, and
/// showing the build's log to whoever waits for it.
@NullMarked
package dev.slipway.controlplane.image;

import org.jspecify.annotations.NullMarked;
