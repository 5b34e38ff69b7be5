/// The machine underneath: its programs, the kernel calls that Java has no word for, and the names
/// under which an installation keeps things in the kernel.
@NullMarked
package dev.slipway.worker.machine;

import org.jspecify.annotations.NullMarked;
