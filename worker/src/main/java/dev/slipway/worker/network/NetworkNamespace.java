package dev.slipway.worker.network;

import java.nio.file.Path;

/// A network namespace with an address, ready for a container.
///
/// @param number distinguishes it among those of the installation
/// @param file where the kernel keeps it
/// @param address IPv4 address of its `eth0`
public record NetworkNamespace(int number, String name, Path file, String address) {}
