/// What the platform itself puts into containers: the client's own packages and the packages they
/// need, fetched from the Python package index once and kept in the content store.
@NullMarked
package dev.slipway.controlplane.supply;

import org.jspecify.annotations.NullMarked;
