/// Containers: what is asked of one, how it is started through an OCI runtime, and how it ended.
@NullMarked
package dev.slipway.worker.container;

import org.jspecify.annotations.NullMarked;
