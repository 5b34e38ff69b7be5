/// Tests of the edge towards gRPC.
@NullMarked
package dev.slipway.controlplane.rpc;

import org.jspecify.annotations.NullMarked;
