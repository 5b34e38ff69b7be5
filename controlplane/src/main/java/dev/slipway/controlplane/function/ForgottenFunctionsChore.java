package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes the functions of apps that are over, with their definitions, once nothing can be called,
/// rolled back to or asked about any more. Every run of a program makes an app with functions of
/// its own, and a definition may carry megabytes of code.
final class ForgottenFunctionsChore implements Runnable {
  /// How long they stay after the end of their app: longer than the results of its calls.
  static final Duration KEEP = Duration.ofDays(8);

  /// Most apps that one round looks at.
  private static final int APPS_PER_ROUND = 500;

  private static final Logger log = LoggerFactory.getLogger(ForgottenFunctionsChore.class);

  private final FunctionStore store;
  private final Functions functions;
  private final Apps apps;
  private final Predicate<List<FunctionId>> called;
  private final Clock clock;
  private String lookedAt = "";

  /// @param called whether calls of any of the functions are kept
  ForgottenFunctionsChore(
      FunctionStore store,
      Functions functions,
      Apps apps,
      Predicate<List<FunctionId>> called,
      Clock clock) {
    this.store = store;
    this.functions = functions;
    this.apps = apps;
    this.called = called;
    this.clock = clock;
  }

  @Override
  public void run() {
    Instant oldest = clock.instant().minus(KEEP);
    List<AppId> some = store.listApps(lookedAt, APPS_PER_ROUND);
    // After the last one the next round begins anew.
    lookedAt = some.size() < APPS_PER_ROUND ? "" : some.getLast().value();
    int removed = 0;
    for (AppId app : some) {
      if (isOver(app, oldest) && !called.test(store.listOf(app))) {
        store.deleteOf(app);
        functions.forget(app);
        removed++;
      }
    }
    if (removed > 0) {
      log.info("removed the functions of {} apps that ended before {}", removed, oldest);
    }
  }

  private boolean isOver(AppId id, Instant oldest) {
    Optional<App> app = apps.find(id);
    return app.isPresent()
        && !app.get().state().active()
        && app.get().stoppedAt().filter(at -> at.isBefore(oldest)).isPresent();
  }
}
