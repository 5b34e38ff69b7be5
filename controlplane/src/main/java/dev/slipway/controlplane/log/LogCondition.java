package dev.slipway.controlplane.log;

import dev.slipway.model.FunctionId;
import dev.slipway.model.TaskId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.statement.Query;

/// A filter in the terms of the stored rows.
///
/// @param tasks lines of these tasks; empty for those of all
record LogCondition(
    Optional<List<TaskId>> tasks,
    Optional<FunctionId> function,
    Optional<Channel> channel,
    String text) {

  boolean takesAll() {
    return tasks.isEmpty() && function.isEmpty() && channel.isEmpty() && text.isEmpty();
  }

  /// What follows the other conditions on a row.
  String sql() {
    StringBuilder sql = new StringBuilder();
    tasks.ifPresent(ids -> sql.append(" and task_id = any(:taskIds)"));
    function.ifPresent(id -> sql.append(" and function_id = :functionId"));
    channel.ifPresent(wanted -> sql.append(" and channel = :wantedChannel"));
    if (!text.isEmpty()) {
      sql.append(" and strpos(data, :text) > 0");
    }
    return sql.toString();
  }

  Query bind(Query query) {
    tasks.ifPresent(ids ->
        query.bindArray(
            "taskIds",
            String.class,
            (Object[]) ids.stream().map(TaskId::value).toArray(String[]::new)));
    function.ifPresent(id -> query.bind("functionId", id.value()));
    channel.ifPresent(wanted -> query.bind("wantedChannel", wanted.code()));
    if (!text.isEmpty()) {
      query.bind("text", text);
    }
    return query;
  }
}
