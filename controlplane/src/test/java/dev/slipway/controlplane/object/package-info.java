/// Shared objects: names, heartbeats, deletion.
@NullMarked
package dev.slipway.controlplane.object;

import org.jspecify.annotations.NullMarked;
