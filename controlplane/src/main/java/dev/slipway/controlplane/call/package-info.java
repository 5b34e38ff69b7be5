/// Calls, their inputs and their outputs: durable before they are acknowledged, run at least once,
/// answered exactly once.
@NullMarked
package dev.slipway.controlplane.call;

import org.jspecify.annotations.NullMarked;
