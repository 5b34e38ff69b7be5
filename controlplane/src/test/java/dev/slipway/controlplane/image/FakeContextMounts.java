package dev.slipway.controlplane.image;

import dev.slipway.model.Digest;
import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.Optional;

/// Mounts of everybody, with equal contents where their ids are equally long.
record FakeContextMounts() implements ContextMounts {
  @Override
  public Digest checksum(WorkspaceId workspace, MountId mount) {
    return new Digest("%064x".formatted(mount.value().length()));
  }

  @Override
  public Optional<String> describe(MountId mount) {
    return Optional.empty();
  }
}
