/// What this machine can do for a worker, what it lacks, and what to do about that.
@NullMarked
package dev.slipway.worker.doctor;

import org.jspecify.annotations.NullMarked;
