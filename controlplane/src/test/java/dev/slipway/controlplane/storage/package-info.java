/// Tests of the way to the database, and the fixture with which other features' tests get one.
@NullMarked
package dev.slipway.controlplane.storage;

import org.jspecify.annotations.NullMarked;
