/// What is to be built for a recipe, and the key under which the result is found again. Pure.
@NullMarked
package dev.slipway.images.plan;

import org.jspecify.annotations.NullMarked;
