/// Secrets: rules, keys and edge.
@NullMarked
package dev.slipway.controlplane.secret;

import org.jspecify.annotations.NullMarked;
