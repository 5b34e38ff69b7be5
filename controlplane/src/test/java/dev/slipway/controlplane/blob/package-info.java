/// Tests of blobs: their addresses, and their transfer through a real HTTP server.
@NullMarked
package dev.slipway.controlplane.blob;

import org.jspecify.annotations.NullMarked;
