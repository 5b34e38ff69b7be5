/// Tests of what containers' calls pass through.
@NullMarked
package dev.slipway.worker.relay;

import org.jspecify.annotations.NullMarked;
