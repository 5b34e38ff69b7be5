/// Tasks: the containers of functions, from their placement to their end, and what they ask of the
/// platform.
@NullMarked
package dev.slipway.controlplane.task;

import org.jspecify.annotations.NullMarked;
