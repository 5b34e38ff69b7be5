/// Tests of the command line and of starting and stopping.
@NullMarked
package dev.slipway.launcher;

import org.jspecify.annotations.NullMarked;
