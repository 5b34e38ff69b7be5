/// Tests of images: their rules, their storage and their edge, with machines that build nothing.
@NullMarked
package dev.slipway.controlplane.image;

import org.jspecify.annotations.NullMarked;
