/// Tests of periodic chores, with a moved clock.
@NullMarked
package dev.slipway.controlplane.upkeep;

import org.jspecify.annotations.NullMarked;
