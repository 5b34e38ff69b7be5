package dev.slipway.controlplane.dict;

/// A key and its value, both opaque.
record Entry(byte[] key, byte[] value) {}
