/// The worker's agent: it attaches to the control plane, starts and stops what it is told to, and
/// reports.
@NullMarked
package dev.slipway.worker.agent;

import org.jspecify.annotations.NullMarked;
