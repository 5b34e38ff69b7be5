/// Objects that programs share by name or by id, such as dicts and queues: made, looked up, listed,
/// kept alive by heartbeats, deleted.
@NullMarked
package dev.slipway.controlplane.object;

import org.jspecify.annotations.NullMarked;
