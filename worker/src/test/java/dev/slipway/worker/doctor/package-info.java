/// Tests of the examination of the machine.
@NullMarked
package dev.slipway.worker.doctor;

import org.jspecify.annotations.NullMarked;
