/// Tests of cleaning up.
@NullMarked
package dev.slipway.worker.cleanup;

import org.jspecify.annotations.NullMarked;
