package dev.slipway.launcher;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.function.Functions;
import dev.slipway.controlplane.image.ImageStore;
import dev.slipway.controlplane.image.KeptImages;
import dev.slipway.controlplane.retention.Need;
import dev.slipway.controlplane.retention.Retention;
import dev.slipway.controlplane.retention.Storehouses;
import dev.slipway.controlplane.workspace.Tokens;
import dev.slipway.launcher.door.HttpRoute;
import dev.slipway.model.ImageId;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/// The parts that keep the machines' layers within their budget.
record RetentionParts(
    Settings settings, ImageStore store, Functions functions, Apps apps, Storehouses machines) {

  /// Starts the chore; gives what tells of it.
  HttpRoute wire(Chores chores, Tokens tokens, Clock clock) {
    Retention retention =
        new Retention(
            new KeptImages(store), this::needs, machines, settings.retentionLimits(), clock);
    chores.every(Chores.HOUR, retention);
    return new HttpRoute(
        ImagesCommand.PATH,
        new LinesHttp(ImagesCommand.PATH, (workspace, _) -> retention.describe(workspace), tokens));
  }

  private Map<ImageId, Need> needs() {
    Map<ImageId, Need> needs = new HashMap<>();
    for (Functions.UsedImage used : functions.listUsedImages()) {
      apps.find(used.app())
          .ifPresent(app -> needs.putIfAbsent(used.image(), need(app, used.image())));
    }
    return needs;
  }

  private static Need need(App app, ImageId image) {
    return new Need(
        app.workspace(),
        "app %s (%s) runs in %s".formatted(app.name().orElse(app.description()), app.id(), image));
  }
}
