/// Files of the web that recipes add to images.
@NullMarked
package dev.slipway.images.web;

import org.jspecify.annotations.NullMarked;
