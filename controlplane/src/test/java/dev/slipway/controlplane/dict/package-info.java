/// Dicts: rules and edge.
@NullMarked
package dev.slipway.controlplane.dict;

import org.jspecify.annotations.NullMarked;
