/// Queues: rules, waiting lines and edge.
@NullMarked
package dev.slipway.controlplane.queue;

import org.jspecify.annotations.NullMarked;
