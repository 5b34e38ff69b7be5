/// What `./slipway bench` measures: real programs on a real server, beside an alternative that does
/// the same on the same machine in the same run.
@NullMarked
package dev.slipway.benchmarks;

import org.jspecify.annotations.NullMarked;
