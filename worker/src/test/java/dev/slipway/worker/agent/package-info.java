/// Tests of the agent.
@NullMarked
package dev.slipway.worker.agent;

import org.jspecify.annotations.NullMarked;
