package dev.slipway.worker.container;

import dev.slipway.model.SlipwayException;

/// Starts containers.
public interface ContainerRuntime {
  /// Starts a container and returns once its process was created.
  ///
  /// The runtime adds to the specification what every container gets: a network namespace, a cgroup
  /// with the limits, `/proc`, `/dev`, a read-only `/sys`, `/etc/resolv.conf` and the host's
  /// certificates when it has outbound network, and the operator's variables below the
  /// specification's own.
  ///
  /// @throws SlipwayException of kind `INVALID` when the image or specification cannot work (no
  ///   such command, no such user), of kind `UNAVAILABLE` when this machine fails
  RunningContainer run(ContainerSpec spec, OutputSink output) throws InterruptedException;
}
