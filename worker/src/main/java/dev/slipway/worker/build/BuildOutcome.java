package dev.slipway.worker.build;

import dev.slipway.model.ImageConfig;
import dev.slipway.worker.layer.LayerId;
import java.util.List;
import java.util.Map;

/// How a build ended.
public sealed interface BuildOutcome {
  /// The image is on this machine.
  ///
  /// @param layers bottom to top
  /// @param pythonVersionInfo what `python -VV` says in it; empty when it has no Python
  /// @param pythonPackages installed distributions, name to version
  /// @param libcVersionInfo such as `glibc 2.36`; empty when it is not known
  /// @param baseDigest of the registry's manifest, or a description of the local base
  /// @param sizeBytes of all layers together
  record Built(
      List<LayerId> layers,
      ImageConfig config,
      String pythonVersionInfo,
      Map<String, String> pythonPackages,
      String libcVersionInfo,
      String baseDigest,
      long sizeBytes)
      implements BuildOutcome {
    public Built {
      layers = List.copyOf(layers);
      pythonPackages = Map.copyOf(pythonPackages);
    }
  }

  /// There is no image.
  ///
  /// @param message one sentence for the user
  /// @param exitCode of the command that failed, else 0
  record Failed(Kind kind, String message, int exitCode) implements BuildOutcome {}

  /// Why a build failed.
  enum Kind {
    STEP_FAILED,
    BASE_UNAVAILABLE,
    TIMEOUT,
    INVALID,
    MACHINE
  }
}
