/// Tests of the containers' network.
@NullMarked
package dev.slipway.worker.network;

import org.jspecify.annotations.NullMarked;
