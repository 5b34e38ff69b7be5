/// Tests of containers.
@NullMarked
package dev.slipway.worker.container;

import org.jspecify.annotations.NullMarked;
