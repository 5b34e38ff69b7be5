/// Tests of registries and layers.
@NullMarked
package dev.slipway.images.registry;

import org.jspecify.annotations.NullMarked;
