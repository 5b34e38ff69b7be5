/// Image recipes: the Dockerfile lines that a client sends, read into steps, and what each step
/// makes of an image's configuration. Pure.
@NullMarked
package dev.slipway.images.recipe;

import org.jspecify.annotations.NullMarked;
