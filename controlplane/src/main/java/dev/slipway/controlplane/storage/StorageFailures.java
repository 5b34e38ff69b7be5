package dev.slipway.controlplane.storage;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.statement.SqlLogger;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.transaction.LocalTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionException;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/// Tells a database that is away or full from a statement that is wrong: the first is
/// [ErrorKind#UNAVAILABLE] and passes by itself, the second is a defect and stays what it was.
final class StorageFailures {
  private static final String DISK_FULL = "53100";

  /// Classes of SQLSTATE that say the server, not the statement, is at fault: connection lost, out
  /// of resources, ordered to stop, failure of its own operating system.
  private static final Set<String> CLASSES = Set.of("08", "53", "57", "58");

  /// A standby after a failover answers this to writes until it is promoted.
  private static final String READ_ONLY = "25006";

  /// Class 57 also holds this one, which is our own doing: a statement we cancelled.
  private static final String QUERY_CANCELED = "57014";

  private StorageFailures() {}

  static SlipwayException unreachable(SQLException cause) {
    return new SlipwayException(
        ErrorKind.UNAVAILABLE,
        "the database cannot be reached (" + firstLine(cause) + "): try again",
        cause);
  }

  static Optional<SlipwayException> find(SQLException failure) {
    String state = failure.getSQLState();
    if (state == null || state.length() != 5 || state.equals(QUERY_CANCELED)) {
      return Optional.empty();
    }
    if (state.equals(DISK_FULL)) {
      return Optional.of(
          new SlipwayException(
              ErrorKind.UNAVAILABLE,
              "the database's disk is full ("
                  + firstLine(failure)
                  + "): nothing was stored; free some space and try again",
              failure));
    }
    if (state.equals(READ_ONLY) || CLASSES.contains(state.substring(0, 2))) {
      return Optional.of(unreachable(failure));
    }
    return Optional.empty();
  }

  /// Whether the server cannot be reached for the moment, as opposed to one that answers and
  /// refuses.
  static boolean away(SQLException failure) {
    String state = failure.getSQLState();
    return failure instanceof SQLTransientConnectionException
        || (state != null
            && (state.startsWith("08")
                || (state.startsWith("57") && !state.equals(QUERY_CANCELED))));
  }

  private static String firstLine(SQLException failure) {
    Throwable deepest = failure;
    // The pool says only that it waited; why is in the cause.
    while (deepest.getCause() instanceof SQLException cause) {
      deepest = cause;
    }
    String message = String.valueOf(deepest.getMessage());
    return message.lines().findFirst().orElse(message);
  }

  /// Translates failures of statements. Jdbi has no hook for it by name; it calls the logger inside
  /// its own `catch`, and what the logger throws is what the caller sees.
  static final class InStatements implements SqlLogger {
    @Override
    public void logException(StatementContext context, SQLException failure) {
      find(failure)
          .ifPresent(translated -> {
            throw translated;
          });
    }
  }

  /// Translates failures of begin, commit and rollback.
  static final class InTransactions extends LocalTransactionHandler {
    @Override
    public <R, X extends Exception> R inTransaction(Handle handle, HandleCallback<R, X> callback)
        throws X {
      try {
        return super.inTransaction(handle, callback);
      } catch (TransactionException e) {
        throw translate(e);
      }
    }

    @Override
    public <R, X extends Exception> R inTransaction(
        Handle handle, TransactionIsolationLevel level, HandleCallback<R, X> callback) throws X {
      try {
        return super.inTransaction(handle, level, callback);
      } catch (TransactionException e) {
        throw translate(e);
      }
    }

    private static RuntimeException translate(TransactionException e) {
      return e.getCause() instanceof SQLException failure
          ? find(failure).map(RuntimeException.class::cast).orElse(e)
          : e;
    }
  }
}
