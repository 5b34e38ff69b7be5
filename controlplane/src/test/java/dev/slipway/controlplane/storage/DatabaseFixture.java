package dev.slipway.controlplane.storage;

import dev.slipway.content.files.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A migrated database for one test class:
///
/// ```java
/// @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();
/// // in a test: FIXTURE.database().jdbi()
/// ```
///
/// All classes of a test run share one embedded server; each gets a fresh copy of a database that
/// was migrated once. Tests of one class share that copy. Tag the class `integration`.
public final class DatabaseFixture implements BeforeAllCallback, AfterAllCallback {
  private @Nullable Database database;

  @Override
  public void beforeAll(ExtensionContext context) {
    SharedServer server =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(DatabaseFixture.class))
            .computeIfAbsent(SharedServer.class, _ -> SharedServer.start(), SharedServer.class);
    database = Database.open(server.fresh());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (database != null) {
      database.close();
    }
  }

  /// The database of this test class.
  public Database database() {
    if (database == null) {
      throw new IllegalStateException("the fixture is a @RegisterExtension static field");
    }
    return database;
  }

  private record SharedServer(Path home, EmbeddedPostgres postgres, Jdbi admin, AtomicInteger made)
      implements AutoCloseable {
    private static final String TEMPLATE = "migrated";

    static SharedServer start() {
      try {
        Path home = Files.createTempDirectory("slipway-database");
        EmbeddedPostgres postgres = EmbeddedPostgres.start(home, binaries());
        Jdbi admin = Jdbi.create(() -> new PostgresDataSource(postgres::address).getConnection());
        admin.useHandle(handle -> handle.execute("create database " + TEMPLATE));
        Database.open(postgres.address(TEMPLATE)).close();
        return new SharedServer(home, postgres, admin, new AtomicInteger());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    DatabaseAddress fresh() {
      String name = "test_" + made.incrementAndGet();
      admin.useHandle(
          handle -> handle.execute("create database " + name + " template " + TEMPLATE));
      return postgres.address(name);
    }

    @Override
    public void close() throws IOException {
      postgres.close();
      Trees.delete(home);
    }
  }

  /// Where tests unpack PostgreSQL's programs, once for all runs of a build directory.
  static Path binaries() {
    return Path.of("target", "postgres").toAbsolutePath();
  }
}
