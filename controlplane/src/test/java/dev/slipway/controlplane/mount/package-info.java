/// Tests of mounts and of what workers fetch of them.
@NullMarked
package dev.slipway.controlplane.mount;

import org.jspecify.annotations.NullMarked;
