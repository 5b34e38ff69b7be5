package dev.slipway.controlplane.function;

import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import dev.slipway.scheduling.Retry;
import dev.slipway.scheduling.ScalingSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// What the platform has to know of a function to run it: the options of a variant are applied
/// already.
///
/// @param name the tag in its app; `Cls.*` for the functions of a class
/// @param definitionId changes whenever the definition does
/// @param methods of a class; empty for a function
/// @param secrets in order; where two set the same variable, the later one wins
/// @param timeout for one attempt of one input
/// @param startupTimeout from the container's start until it asks for inputs
/// @param maxConcurrentInputs most inputs that one container works on at the same time, at least 1
/// @param batchMaxSize most inputs of one batch; 0 when inputs are not batched
/// @param batchLinger how long a batch waits for more after its first input
public record FunctionSpec(
    FunctionId id,
    AppId app,
    String name,
    String definitionId,
    Set<String> methods,
    ImageId image,
    List<MountId> mounts,
    List<SecretId> secrets,
    Resources resources,
    ScalingSettings scaling,
    Retry retry,
    Duration timeout,
    Duration startupTimeout,
    int maxConcurrentInputs,
    int batchMaxSize,
    Duration batchLinger,
    boolean networkBlocked) {
  /// How long containers of a function that its app does not have any more wait for inputs. What
  /// still runs in an earlier version may call it several times, and should not wait for a start
  /// each time.
  static final Duration REMOVED_WINDOW = Duration.ofSeconds(2);

  public FunctionSpec {
    methods = Set.copyOf(methods);
    mounts = List.copyOf(mounts);
    secrets = List.copyOf(secrets);
  }

  /// Refuses a method that the class does not have; a function has none, which is named "".
  public void requireMethod(String method) {
    if (methods.isEmpty() ? !method.isEmpty() : !methods.contains(method)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          methods.isEmpty()
              ? "'%s' is a function and has no method '%s'".formatted(name, method)
              : "'%s' has no method '%s'; it has %s"
                  .formatted(name, method, methods.stream().sorted().toList()));
    }
  }

  /// The same for a function that its app does not have any more.
  FunctionSpec removed() {
    return scaling.scaledownWindow().compareTo(REMOVED_WINDOW) <= 0
        ? this
        : withScaling(scaling.withScaledownWindow(REMOVED_WINDOW));
  }

  FunctionSpec withScaling(ScalingSettings changed) {
    return new FunctionSpec(
        id,
        app,
        name,
        definitionId,
        methods,
        image,
        mounts,
        secrets,
        resources,
        changed,
        retry,
        timeout,
        startupTimeout,
        maxConcurrentInputs,
        batchMaxSize,
        batchLinger,
        networkBlocked);
  }

  /// A container serves one input and ends.
  public boolean singleUse() {
    return scaling.intake() == ScalingSettings.Intake.ONCE;
  }
}
