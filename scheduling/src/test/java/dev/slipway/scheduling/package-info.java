/// Tests of the pure decisions.
@NullMarked
package dev.slipway.scheduling;

import org.jspecify.annotations.NullMarked;
