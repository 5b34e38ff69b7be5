/// Tests of workspaces, environments and tokens.
@NullMarked
package dev.slipway.controlplane.workspace;

import org.jspecify.annotations.NullMarked;
