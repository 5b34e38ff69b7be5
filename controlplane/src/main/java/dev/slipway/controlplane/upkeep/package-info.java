/// Periodic chores that concern more than one feature.
@NullMarked
package dev.slipway.controlplane.upkeep;

import org.jspecify.annotations.NullMarked;
