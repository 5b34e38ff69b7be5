/// Where state that must survive is kept: one PostgreSQL, embedded and supervised by us or reached
/// by URL, and the way to it that every feature shares.
@NullMarked
package dev.slipway.controlplane.storage;

import org.jspecify.annotations.NullMarked;
