package dev.slipway.controlplane.task;

import dev.slipway.model.ImageConfig;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.TaskId;
import java.util.List;
import java.util.Map;

/// Everything that a worker has to know to start a container.
///
/// @param layerIds of the image, bottom to top
/// @param mounts in order; where two hold the same path, the later one wins
/// @param secrets what the container gets of its function's secrets: below `environment`, above the
///   image's own variables
/// @param keptLayerId the layer that the container's changes become; empty when they are dropped
/// @param containerArguments in the client's own form, written to a file that its runner reads
public record StartOrder(
    TaskId task,
    ImageId image,
    List<String> layerIds,
    ImageConfig config,
    List<MountOrder> mounts,
    Map<String, String> environment,
    SecretVariables secrets,
    byte[] containerArguments,
    List<String> command,
    Resources resources,
    boolean networkBlocked,
    String keptLayerId) {
  /// A mount, and whether its Python files are to be compiled ahead.
  public record MountOrder(MountId mount, boolean compileBytecode) {}
}
