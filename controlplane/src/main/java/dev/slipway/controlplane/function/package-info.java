/// Functions and classes: their definitions, look-ups and variants.
@NullMarked
package dev.slipway.controlplane.function;

import org.jspecify.annotations.NullMarked;
