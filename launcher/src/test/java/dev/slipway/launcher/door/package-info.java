/// Tests of the ways in.
@NullMarked
package dev.slipway.launcher.door;

import org.jspecify.annotations.NullMarked;
