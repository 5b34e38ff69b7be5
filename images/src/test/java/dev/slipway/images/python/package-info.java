/// Tests of registries and layers.
@NullMarked
package dev.slipway.images.python;

import org.jspecify.annotations.NullMarked;
