/// The content store: bytes named by their SHA-256 digest, written once and never changed.
@NullMarked
package dev.slipway.content;

import org.jspecify.annotations.NullMarked;
