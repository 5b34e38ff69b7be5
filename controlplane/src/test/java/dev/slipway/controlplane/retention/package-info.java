@NullMarked
package dev.slipway.controlplane.retention;

import org.jspecify.annotations.NullMarked;
