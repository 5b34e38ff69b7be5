package dev.slipway.controlplane.task;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.function.FunctionSpec;
import dev.slipway.controlplane.function.LayoutTranslation;
import dev.slipway.controlplane.image.BuiltImage;
import dev.slipway.controlplane.image.Images;
import dev.slipway.controlplane.secret.Secrets;
import dev.slipway.controlplane.secret.VariableRules;
import dev.slipway.controlplane.supply.PlatformMounts;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.modal.ContainerArguments;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Writes the orders for containers that run the official client's own runner.
public final class RunnerOrderTranslation implements StartOrders {
  private static final List<String> RUNNER = List.of("python", "-m", "modal._container_entrypoint");
  private static final Pattern PYTHON_VERSION = Pattern.compile("Python (\\d+\\.\\d+)\\..*");

  private final Apps apps;
  private final Images images;
  private final PlatformMounts platformMounts;
  private final LayoutTranslation layouts;
  private final Secrets secrets;
  private final TaskNotices notices;

  public RunnerOrderTranslation(
      Apps apps,
      Images images,
      PlatformMounts platformMounts,
      LayoutTranslation layouts,
      Secrets secrets,
      TaskNotices notices) {
    this.apps = apps;
    this.images = images;
    this.platformMounts = platformMounts;
    this.layouts = layouts;
    this.secrets = secrets;
    this.notices = notices;
  }

  @Override
  public StartOrder write(TaskId task, FunctionSpec spec, Resources resources) {
    App app = apps.find(spec.app()).orElseThrow();
    BuiltImage image = images.require(app.workspace(), spec.image());
    ContainerArguments arguments =
        layouts.arguments(app, spec.id(), spec.definitionId()).setTaskId(task.value()).build();
    boolean builds = arguments.getFunctionDef().getIsBuilderFunction();
    return new StartOrder(
        task,
        image.id(),
        image.layerIds(),
        image.config(),
        mounts(spec, image),
        Map.of(
            "MODAL_TASK_ID", task.value(),
            "MODAL_IMAGE_ID", image.id().value(),
            "MODAL_ENVIRONMENT", app.environmentName(),
            "MODAL_CLOUD_PROVIDER", "CLOUD_PROVIDER_AUTO",
            "MODAL_REGION", "local"),
        secretsOf(task, app, spec),
        arguments.toByteArray(),
        RUNNER,
        resources,
        spec.networkBlocked(),
        builds ? "ly-" + task.value() : "");
  }

  private SecretVariables secretsOf(TaskId task, App app, FunctionSpec spec) {
    VariableRules.ForContainer given =
        VariableRules.forContainer(secrets.open(app.workspace(), spec.secrets()));
    given
        .complaint("The secrets of '%s'".formatted(spec.name()))
        .ifPresent(line -> notices.say(task, line));
    return given.variables();
  }

  /// The client's dependencies first, so that nothing of the user's is hidden by them.
  private List<StartOrder.MountOrder> mounts(FunctionSpec spec, BuiltImage image) {
    List<StartOrder.MountOrder> mounts = new ArrayList<>();
    pythonMinor(image)
        .flatMap(minor -> platformMounts.dependencyMount(image.builderVersion(), minor))
        .ifPresent(mount -> mounts.add(new StartOrder.MountOrder(mount, true)));
    mounts.add(new StartOrder.MountOrder(platformMounts.runnerMount(), true));
    for (MountId mount : spec.mounts()) {
      mounts.add(new StartOrder.MountOrder(mount, platformMounts.supplies(mount)));
    }
    return mounts;
  }

  private static Optional<String> pythonMinor(BuiltImage image) {
    Matcher matcher =
        PYTHON_VERSION.matcher(image.pythonVersionInfo().lines().findFirst().orElse(""));
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
