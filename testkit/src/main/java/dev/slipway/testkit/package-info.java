/// What tests and benchmarks share: a server started as a user starts it, the official client run
/// as a user runs it, and a look at what the two leave behind on the machine.
@NullMarked
package dev.slipway.testkit;

import org.jspecify.annotations.NullMarked;
