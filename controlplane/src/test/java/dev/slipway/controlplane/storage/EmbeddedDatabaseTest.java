package dev.slipway.controlplane.storage;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddedDatabaseTest extends DatabaseContract {
  private final AtomicInteger made = new AtomicInteger();
  private EmbeddedPostgres server;

  @BeforeAll
  void start(@TempDir Path home) {
    server = EmbeddedPostgres.start(home, DatabaseFixture.binaries());
  }

  @AfterAll
  void stop() {
    server.close();
  }

  @Override
  DatabaseAddress emptyDatabase() {
    String name = "empty_" + made.incrementAndGet();
    Jdbi.create(() -> new PostgresDataSource(server::address).getConnection())
        .useHandle(handle -> handle.execute("create database " + name));
    return server.address(name);
  }
}
