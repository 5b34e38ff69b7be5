package dev.slipway.controlplane.log;

import dev.slipway.model.AppId;
import java.time.Duration;

/// Reads one app's lines as they come. For one thread; closing it is all it needs.
final class LogReader implements AutoCloseable {
  private final AppLogs logs;
  private final LiveApp live;
  private final AppId app;
  private final LogFilter filter;
  private long cursor;
  private long seen;
  private boolean over;

  LogReader(AppLogs logs, LiveApp live, AppId app, LogFilter filter, long cursor) {
    this.logs = logs;
    this.live = live;
    this.app = app;
    this.filter = filter;
    this.cursor = cursor;
  }

  /// The next lines; none when there are none yet.
  AppLogs.Page next(int limit) {
    // Both before the lines are looked at: what happens meanwhile shows at the next turn.
    seen = live.version();
    over = logs.isOver(app, filter, live);
    AppLogs.Page page = logs.page(app, filter, cursor, limit);
    cursor = page.cursor();
    return page;
  }

  /// Whether nothing was going to be said any more when [#next] began to look.
  boolean wasOver() {
    return over;
  }

  /// The last entry that has been looked at.
  long cursor() {
    return cursor;
  }

  /// Waits until something has happened since [#next] began to look, or the time is over.
  void await(Duration atMost) throws InterruptedException {
    live.await(seen, System.nanoTime() + atMost.toNanos());
  }

  @Override
  public void close() {
    logs.leave(app);
  }
}
