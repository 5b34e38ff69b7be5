/// Control groups: the limits of containers, what they used, and who ran out of memory, on hosts
/// with version 1, version 2, or both side by side.
@NullMarked
package dev.slipway.worker.cgroup;

import org.jspecify.annotations.NullMarked;
