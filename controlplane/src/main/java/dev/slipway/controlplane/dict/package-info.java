/// Dictionaries that programs share: opaque keys with opaque values, forgotten when nobody uses
/// them.
@NullMarked
package dev.slipway.controlplane.dict;

import org.jspecify.annotations.NullMarked;
