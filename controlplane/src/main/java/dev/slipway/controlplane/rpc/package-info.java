/// The edge towards gRPC: which methods exist, who calls them, and what leaves when they fail.
/// Nothing here knows what a method does.
@NullMarked
package dev.slipway.controlplane.rpc;

import org.jspecify.annotations.NullMarked;
