/// What machines keep of layers and mounts, why, and what goes when it becomes too much.
@NullMarked
package dev.slipway.controlplane.retention;

import org.jspecify.annotations.NullMarked;
