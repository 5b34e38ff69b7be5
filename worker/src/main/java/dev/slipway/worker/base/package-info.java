/// Base images: from what is here already, from registries, or made on the spot from a Debian
/// mirror and the Python interpreters of this machine.
@NullMarked
package dev.slipway.worker.base;

import org.jspecify.annotations.NullMarked;
