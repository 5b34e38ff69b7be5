/// Checks of the project itself: its directions, its tidiness, and that its documents tell the
/// truth.
@NullMarked
package dev.slipway.e2e.project;

import org.jspecify.annotations.NullMarked;
