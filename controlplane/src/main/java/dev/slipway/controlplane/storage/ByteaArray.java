package dev.slipway.controlplane.storage;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import org.jdbi.v3.core.argument.Argument;
import org.jdbi.v3.core.statement.StatementContext;

/// A parameter of type `bytea[]`: the driver makes it of nothing but a `byte[][]`.
public final class ByteaArray implements Argument {
  private final byte[][] elements;

  private ByteaArray(byte[][] elements) {
    this.elements = elements;
  }

  public static ByteaArray of(Collection<byte[]> elements) {
    return new ByteaArray(elements.toArray(byte[][]::new));
  }

  @Override
  public void apply(int position, PreparedStatement statement, StatementContext context)
      throws SQLException {
    statement.setArray(position, statement.getConnection().createArrayOf("bytea", elements));
  }
}
