/// Tests of control groups.
@NullMarked
package dev.slipway.worker.cgroup;

import org.jspecify.annotations.NullMarked;
