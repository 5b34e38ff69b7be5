/// Tests of logs, against a real database.
@NullMarked
package dev.slipway.controlplane.log;

import org.jspecify.annotations.NullMarked;
