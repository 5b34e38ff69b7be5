/// Holds our messages to those of the official clients.
@NullMarked
package dev.slipway.protocol;

import org.jspecify.annotations.NullMarked;
