package dev.slipway.controlplane.app;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends detached apps whose client has left when their last call has finished.
public final class DetachedAppChore implements Runnable {
  /// How often it looks; an app that has nothing to do any more holds no more than idle containers.
  public static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(DetachedAppChore.class);

  private final Apps apps;
  private final OpenWork work;

  public DetachedAppChore(Apps apps, OpenWork work) {
    this.apps = apps;
    this.work = work;
  }

  @Override
  public void run() {
    for (App app : apps.listLeft()) {
      if (work.has(app.id())) {
        continue;
      }
      try {
        apps.stop(
            app.workspace(), app.id(), false, "its client has left and its calls have finished");
      } catch (RuntimeException e) {
        log.warn("app {} could not be stopped, the next round tries again", app.id(), e);
      }
    }
  }
}
