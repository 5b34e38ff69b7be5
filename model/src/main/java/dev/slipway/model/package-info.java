/// The vocabulary of Slipway: identifiers, digests, errors and small values that every module
/// shares. Values only, on the JDK alone.
@NullMarked
package dev.slipway.model;

import org.jspecify.annotations.NullMarked;
