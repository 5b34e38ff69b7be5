package dev.slipway.controlplane.storage;

import java.time.Duration;

/// Group commits for tests of other packages.
public final class GroupCommits {
  private GroupCommits() {}

  public static GatedDataSource gate(Database database) {
    return new GatedDataSource(database.dataSource());
  }

  /// @param patience how long a write waits for a database that is away
  public static GroupCommit behind(GatedDataSource gate, Duration patience) {
    return new GroupCommit(gate, patience);
  }
}
