/// The command line, the configuration, and the wiring of every part by hand.
@NullMarked
package dev.slipway.launcher;

import org.jspecify.annotations.NullMarked;
