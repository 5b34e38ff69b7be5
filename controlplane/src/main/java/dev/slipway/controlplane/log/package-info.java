/// Logs: what containers and the platform said, kept per app, told live and from history.
@NullMarked
package dev.slipway.controlplane.log;

import org.jspecify.annotations.NullMarked;
