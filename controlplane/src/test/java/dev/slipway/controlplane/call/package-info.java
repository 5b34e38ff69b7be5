/// Calls under a moved clock, on a real database.
@NullMarked
package dev.slipway.controlplane.call;

import org.jspecify.annotations.NullMarked;
