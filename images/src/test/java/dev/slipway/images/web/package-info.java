/// Tests of downloads, against servers that may misbehave.
@NullMarked
package dev.slipway.images.web;

import org.jspecify.annotations.NullMarked;
