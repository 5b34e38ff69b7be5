/// What builds say, and what of it may be shown.
@NullMarked
package dev.slipway.images.output;

import org.jspecify.annotations.NullMarked;
