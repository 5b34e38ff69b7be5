/// The network of containers: a bridge with a private subnet, namespaces made ahead of need, and a
/// packet filter that lets containers out but neither to the host nor to each other.
@NullMarked
package dev.slipway.worker.network;

import org.jspecify.annotations.NullMarked;
