/// Tests of what the platform supplies to containers.
@NullMarked
package dev.slipway.controlplane.supply;

import org.jspecify.annotations.NullMarked;
