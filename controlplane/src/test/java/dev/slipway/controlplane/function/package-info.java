/// Definitions of functions.
@NullMarked
package dev.slipway.controlplane.function;

import org.jspecify.annotations.NullMarked;
