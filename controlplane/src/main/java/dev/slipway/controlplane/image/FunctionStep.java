package dev.slipway.controlplane.image;

import dev.slipway.model.FunctionId;

/// A function that is called to build an image: what it changes is the layer.
///
/// @param definition its source and settings, as the client writes them to tell versions apart
/// @param globals what it refers to, opaque
/// @param input the client's message with its arguments, opaque; never changed
public record FunctionStep(FunctionId function, String definition, byte[] globals, byte[] input) {}
