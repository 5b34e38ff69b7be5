/// Apps: what one program publishes together, from its creation to its end.
@NullMarked
package dev.slipway.controlplane.app;

import org.jspecify.annotations.NullMarked;
