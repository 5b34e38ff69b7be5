package dev.slipway.controlplane.storage;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One execution of a statement, to be carried by the next group commit.
///
/// @param sql with `?` for each parameter; equal texts are sent as one batch
/// @param parameters in order; null stands for SQL null
public record Row(String sql, List<@Nullable Object> parameters) {

  public static Row of(String sql, @Nullable Object... parameters) {
    List<@Nullable Object> list = new ArrayList<>(parameters.length);
    for (@Nullable Object parameter : parameters) {
      list.add(parameter);
    }
    return new Row(sql, list);
  }
}
