/// The ways in: the one port for clients, browsers and remote workers, and the in-process channel
/// of the local worker. Both serve the same methods.
@NullMarked
package dev.slipway.launcher.door;

import org.jspecify.annotations.NullMarked;
