package dev.slipway.controlplane.call;

import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Which inputs functions got and what became of them, as the database knows it.
public final class CallHistoryStore {
  private static final String INPUTS =
      """
      select i.call_id, i.id, i.created_at as enqueued_at,
             o.task_id, o.status, o.started_at, o.created_at as ended_at
      from call c
      join input i on i.call_id = c.id
      left join output o on o.call_id = i.call_id and o.idx = i.idx
      where c.function_id = any(:functions)
      """;

  private final Jdbi jdbi;

  public CallHistoryStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// What became of an input.
  record Ended(
      OutcomeStatus status, Optional<TaskId> task, Optional<Instant> startedAt, Instant endedAt) {}

  /// An input of the past.
  ///
  /// @param ended empty while it has no result
  record Entry(CallId call, InputId input, Instant enqueuedAt, Optional<Ended> ended) {}

  /// How many inputs came in a stretch of time.
  record Bucket(Instant start, long count) {}

  /// The latest inputs, newest first.
  List<Entry> listLatest(List<FunctionId> functions, int count) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(INPUTS + " order by i.created_at desc, i.idx desc limit :count")
            .bindArray("functions", String.class, values(functions))
            .bind("count", count)
            .map((row, context) -> read(row))
            .list());
  }

  /// The inputs of a time, oldest first.
  List<Entry> listBetween(List<FunctionId> functions, Instant since, Instant until, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                INPUTS
                    + " and i.created_at >= :since and i.created_at < :until"
                    + " order by i.created_at, i.idx limit :limit")
            .bindArray("functions", String.class, values(functions))
            .bind("since", timestamp(since))
            .bind("until", timestamp(until))
            .bind("limit", limit)
            .map((row, context) -> read(row))
            .list());
  }

  /// How many inputs came in each stretch that had any.
  List<Bucket> count(List<FunctionId> functions, Instant since, Instant until, Duration stretch) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select floor(extract(epoch from i.created_at - :since) / :seconds)::bigint as place,
                       count(*) as inputs
                from call c join input i on i.call_id = c.id
                where c.function_id = any(:functions)
                  and i.created_at >= :since and i.created_at < :until
                group by place order by place
                """)
            .bindArray("functions", String.class, values(functions))
            .bind("since", timestamp(since))
            .bind("until", timestamp(until))
            .bind("seconds", stretch.toSeconds())
            .map((row, context) ->
                new Bucket(
                    since.plusSeconds(row.getLong("place") * stretch.toSeconds()),
                    row.getLong("inputs")))
            .list());
  }

  private static Object[] values(List<FunctionId> functions) {
    return functions.stream().map(FunctionId::value).toArray();
  }

  private static Entry read(ResultSet row) throws SQLException {
    return new Entry(
        new CallId(row.getString("call_id")),
        new InputId(row.getString("id")),
        row.getObject("enqueued_at", OffsetDateTime.class).toInstant(),
        row.getString("status") == null ? Optional.empty() : Optional.of(readEnd(row)));
  }

  private static Ended readEnd(ResultSet row) throws SQLException {
    return new Ended(
        OutcomeStatus.valueOf(row.getString("status")),
        Optional.ofNullable(row.getString("task_id")).map(TaskId::new),
        Optional.ofNullable(row.getObject("started_at", OffsetDateTime.class))
            .map(OffsetDateTime::toInstant),
        row.getObject("ended_at", OffsetDateTime.class).toInstant());
  }

  private static OffsetDateTime timestamp(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
