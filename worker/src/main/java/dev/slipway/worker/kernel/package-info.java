/// Calls to the Linux kernel that the JDK has no way for.
@NullMarked
package dev.slipway.worker.kernel;

import org.jspecify.annotations.NullMarked;
