package dev.slipway.controlplane.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.junit.jupiter.api.Test;

/// What Slipway needs from any PostgreSQL, embedded or not.
abstract class DatabaseContract {
  /// The address of an empty database on the server under test.
  abstract DatabaseAddress emptyDatabase() throws Exception;

  @Test
  void migrationsRunOnceAndASecondOpeningChangesNothing() throws Exception {
    DatabaseAddress address = emptyDatabase();
    List<String> first = appliedMigrations(address);
    List<String> second = appliedMigrations(address);
    assertThat(first).isNotEmpty().doesNotHaveDuplicates();
    assertThat(second).isEqualTo(first);
  }

  @Test
  void manyServersMayMigrateAtTheSameTime() throws Exception {
    DatabaseAddress address = emptyDatabase();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<List<String>> opening = () -> appliedMigrations(address);
      List<List<String>> results =
          threads.invokeAll(Stream.generate(() -> opening).limit(4).toList()).stream()
              .map(DatabaseContract::result)
              .toList();
      assertThat(results.getFirst()).isNotEmpty().doesNotHaveDuplicates();
      assertThat(results).containsOnly(results.getFirst());
    }
  }

  @Test
  void aMigrationThatADatabaseLacksIsMadeUpFor() throws Exception {
    DatabaseAddress address = emptyDatabase();
    List<String> all = appliedMigrations(address);
    try (Database database = Database.open(address)) {
      database
          .jdbi()
          .useHandle(handle -> {
            handle.execute("drop table slipway_schema");
            handle.execute("delete from flyway_schema_history where version = '001'");
          });
    }
    assertThat(appliedMigrations(address)).hasSameSizeAs(all);
    assertThat(fingerprints(address)).containsExactly(Migrations.fingerprint());
  }

  @Test
  void aFingerprintOfAnotherProgramIsReplacedByOurs() throws Exception {
    DatabaseAddress address = emptyDatabase();
    try (Database database = Database.open(address)) {
      database
          .jdbi()
          .useHandle(
              handle -> handle.execute("update slipway_schema set fingerprint = 'of another'"));
    }
    Database.open(address).close();
    assertThat(fingerprints(address)).containsExactly(Migrations.fingerprint());
  }

  @Test
  void tablesOfAProgramWithOtherMigrationsAreRefusedWithASentence() throws Exception {
    DatabaseAddress address = emptyDatabase();
    try (Database database = Database.open(address)) {
      database
          .jdbi()
          .useHandle(handle -> {
            handle.execute("update flyway_schema_history set checksum = 1");
            handle.execute("delete from slipway_schema");
          });
    }
    assertThatThrownBy(() -> Database.open(address))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(ErrorKind.CONFLICT);
              assertThat(failure).hasMessageContaining("do not fit this program");
            });
  }

  @Test
  void committedRowsStayAndRolledBackOnesDoNot() throws Exception {
    DatabaseAddress address = emptyDatabase();
    try (Database database = Database.open(address)) {
      database.jdbi().useHandle(handle -> handle.execute("create table t (n int primary key)"));
      database.jdbi().useTransaction(handle -> handle.execute("insert into t values (1)"));
      assertThatThrownBy(() ->
              database
                  .jdbi()
                  .useTransaction(handle -> {
                    handle.execute("insert into t values (2)");
                    throw new IllegalStateException("changed my mind");
                  }))
          .isInstanceOf(IllegalStateException.class);
    }
    try (Database database = Database.open(address)) {
      assertThat(numbers(database)).containsExactly(1);
    }
  }

  @Test
  void aWrongStatementIsADefectAndNotAnOutage() throws Exception {
    try (Database database = Database.open(emptyDatabase())) {
      assertThatThrownBy(
              () -> database.jdbi().useHandle(handle -> handle.execute("select from nowhere")))
          .isInstanceOf(UnableToExecuteStatementException.class);
    }
  }

  @Test
  void moreCallersThanConnectionsAreAllServed() throws Exception {
    try (Database database = Database.open(emptyDatabase());
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      database.jdbi().useHandle(handle -> handle.execute("create table t (n int primary key)"));
      int callers = Database.MAX_CONNECTIONS * 10;
      for (int i = 0; i < callers; i++) {
        int n = i;
        threads.submit(() ->
            database
                .jdbi()
                .useTransaction(handle -> handle.execute("insert into t values (?)", n)));
      }
      threads.shutdown();
      assertThat(threads.awaitTermination(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
      assertThat(numbers(database)).hasSize(callers);
    }
  }

  @Test
  void aConnectionLostInTheMiddleOfATransactionIsUnavailableAndTheNextOneWorks() throws Exception {
    try (Database database = Database.open(emptyDatabase())) {
      assertThatThrownBy(() ->
              database
                  .jdbi()
                  .useTransaction(handle -> {
                    int victim =
                        handle.createQuery("select pg_backend_pid()").mapTo(Integer.class).one();
                    terminate(database, victim);
                    handle.execute("select 1");
                  }))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              failure -> {
                assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
                assertThat(failure).hasMessageContaining("database");
              });
      assertThat(
              database
                  .jdbi()
                  .<Integer, RuntimeException>withHandle(
                      handle -> handle.createQuery("select 7").mapTo(Integer.class).one()))
          .isEqualTo(7);
    }
  }

  @Test
  void aConnectionLostAtCommitIsUnavailableAndNothingIsStored() throws Exception {
    try (Database database = Database.open(emptyDatabase())) {
      database.jdbi().useHandle(handle -> handle.execute("create table t (n int primary key)"));
      assertThatThrownBy(() ->
              database
                  .jdbi()
                  .useTransaction(handle -> {
                    handle.execute("insert into t values (1)");
                    int victim =
                        handle.createQuery("select pg_backend_pid()").mapTo(Integer.class).one();
                    terminate(database, victim);
                  }))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
      assertThat(numbers(database)).isEmpty();
    }
  }

  @Test
  void aWrongPasswordIsRefusedWithTheServersOwnWords() throws Exception {
    DatabaseAddress right = emptyDatabase();
    DatabaseAddress wrong = new DatabaseAddress(right.jdbcUrl(), right.user(), "not-the-password");
    assertThatThrownBy(() -> Database.open(wrong))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
              assertThat(failure)
                  .hasMessageContaining("password authentication failed")
                  .hasMessageNotContaining("not-the-password");
            });
  }

  private static List<String> result(Future<List<String>> opening) {
    try {
      return opening.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private static void terminate(Database database, int victim) {
    database
        .jdbi()
        .useHandle(other ->
            other
                .createQuery("select pg_terminate_backend(:pid, 5000)")
                .bind("pid", victim)
                .mapTo(Boolean.class)
                .one());
  }

  private static List<Integer> numbers(Database database) {
    return database
        .jdbi()
        .withHandle(
            handle -> handle.createQuery("select n from t order by n").mapTo(Integer.class).list());
  }

  private static List<String> fingerprints(DatabaseAddress address) {
    try (Database database = Database.open(address)) {
      return database
          .jdbi()
          .withHandle(handle ->
              handle
                  .createQuery("select fingerprint from slipway_schema")
                  .mapTo(String.class)
                  .list());
    }
  }

  private static List<String> appliedMigrations(DatabaseAddress address) {
    try (Database database = Database.open(address)) {
      return database
          .jdbi()
          .withHandle(handle ->
              handle
                  .createQuery(
                      "select installed_rank || ' ' || script || ' ' || installed_on"
                          + " from flyway_schema_history order by installed_rank")
                  .mapTo(String.class)
                  .list());
    }
  }
}
