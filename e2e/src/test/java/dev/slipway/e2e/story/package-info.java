/// What a user does with Slipway, told with the official client against a server that runs as a
/// user runs it. The Python programs are in `e2e/programs`.
@NullMarked
package dev.slipway.e2e.story;

import org.jspecify.annotations.NullMarked;
