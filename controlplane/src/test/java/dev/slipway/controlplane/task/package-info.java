/// The life of containers, played by the tests.
@NullMarked
package dev.slipway.controlplane.task;

import org.jspecify.annotations.NullMarked;
