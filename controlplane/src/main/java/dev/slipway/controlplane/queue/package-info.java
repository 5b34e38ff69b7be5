/// Queues that programs share: items go in at the end of a partition and out at its front, each to
/// one get, and whoever waits is woken by the put.
@NullMarked
package dev.slipway.controlplane.queue;

import org.jspecify.annotations.NullMarked;
