package dev.slipway.images.registry;

/// What somebody proves to a registry who they are with.
public sealed interface RegistryLogin permits RegistrySettings.Credentials, AmazonKeys {}
