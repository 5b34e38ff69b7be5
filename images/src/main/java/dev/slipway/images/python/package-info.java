/// Pythons of this machine: found where their makers put them, and copied to where images need
/// them.
@NullMarked
package dev.slipway.images.python;

import org.jspecify.annotations.NullMarked;
