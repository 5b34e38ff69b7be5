/// Tests of apps and their versions, on a real database with a moved clock.
@NullMarked
package dev.slipway.controlplane.app;

import org.jspecify.annotations.NullMarked;
