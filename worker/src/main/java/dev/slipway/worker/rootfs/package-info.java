/// Root file systems of containers: layers, mounted files and compiled bytecode, joined by
/// overlayfs without copying anything.
@NullMarked
package dev.slipway.worker.rootfs;

import org.jspecify.annotations.NullMarked;
