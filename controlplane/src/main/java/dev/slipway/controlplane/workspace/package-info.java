/// Workspaces, their environments, and the tokens that prove who belongs to them.
@NullMarked
package dev.slipway.controlplane.workspace;

import org.jspecify.annotations.NullMarked;
