/// Tests of registries and layers.
@NullMarked
package dev.slipway.images.output;

import org.jspecify.annotations.NullMarked;
