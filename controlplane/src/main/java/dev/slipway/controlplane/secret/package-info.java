/// Secrets: environment variables that are encrypted where they are kept, and that reach the
/// containers and build steps which name them, and nobody else.
@NullMarked
package dev.slipway.controlplane.secret;

import org.jspecify.annotations.NullMarked;
