package dev.slipway.controlplane.app;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Says goodbye for clients that have vanished without one: ephemeral apps stop, detached ones go
/// on until their calls have finished.
public final class SilentAppChore implements Runnable {
  /// How long a client may be silent; it sends a heartbeat every 15 s.
  public static final Duration DEFAULT_ALLOWED_SILENCE = Duration.ofSeconds(60);

  private static final Logger log = LoggerFactory.getLogger(SilentAppChore.class);

  private final Apps apps;
  private final Duration allowedSilence;

  public SilentAppChore(Apps apps, Duration allowedSilence) {
    this.apps = apps;
    this.allowedSilence = allowedSilence;
  }

  @Override
  public void run() {
    for (App app : apps.listSilent(allowedSilence)) {
      try {
        apps.clientLeft(
            app.workspace(),
            app.id(),
            false,
            "its client has not been heard of for " + allowedSilence.toSeconds() + " s");
      } catch (RuntimeException e) {
        log.warn("app {} could not be left, the next round tries again", app.id(), e);
      }
    }
  }
}
