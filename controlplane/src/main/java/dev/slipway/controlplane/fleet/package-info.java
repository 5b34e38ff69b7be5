/// The workers: who is attached, what they are told and what they report.
@NullMarked
package dev.slipway.controlplane.fleet;

import org.jspecify.annotations.NullMarked;
