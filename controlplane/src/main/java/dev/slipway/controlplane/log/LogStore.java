package dev.slipway.controlplane.log;

import dev.slipway.model.AppId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.TaskId;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;

/// Lines in the database.
public final class LogStore {
  /// What a row costs beside its text, roughly: with it an app of empty lines is bounded too.
  static final int ROW_OVERHEAD_BYTES = 100;

  /// Rows that are brought from the server at a time.
  private static final int FETCH_SIZE = 1_000;

  private static final String COLUMNS = "entry, task_id, function_id, channel, at_ns, data";

  private final Jdbi jdbi;

  public LogStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// Keeps the lines in this order, by one statement in one transaction.
  void append(AppId app, List<NewLine> lines) {
    String[] tasks = new String[lines.size()];
    String[] functions = new String[lines.size()];
    Short[] channels = new Short[lines.size()];
    Long[] times = new Long[lines.size()];
    String[] data = new String[lines.size()];
    long bytes = 0;
    for (int i = 0; i < lines.size(); i++) {
      NewLine line = lines.get(i);
      tasks[i] = line.task().value();
      functions[i] = line.function().value();
      channels[i] = line.line().channel().code();
      times[i] = line.line().timestampNanos();
      data[i] = line.line().data();
      bytes += ROW_OVERHEAD_BYTES + data[i].getBytes(StandardCharsets.UTF_8).length;
    }
    long added = bytes;
    jdbi.useTransaction(handle -> {
      // First the app's row: its lock makes the order of entries the order of commits, so that a
      // reader who has seen an entry has seen all before it.
      handle
          .createUpdate(
              """
              insert into log_app (app_id, bytes) values (:app, :bytes)
              on conflict (app_id) do update set bytes = log_app.bytes + excluded.bytes
              """)
          .bind("app", app.value())
          .bind("bytes", added)
          .execute();
      handle
          .createUpdate(
              """
              insert into log_line (app_id, task_id, function_id, channel, at_ns, data)
              select :app, task_id, function_id, channel, at_ns, data
              from unnest(:tasks, :functions, :channels, :times, :data)
                with ordinality as line (task_id, function_id, channel, at_ns, data, position)
              order by position
              """)
          .bind("app", app.value())
          .bindArray("tasks", String.class, (Object[]) tasks)
          .bindArray("functions", String.class, (Object[]) functions)
          .bindArray("channels", Short.class, (Object[]) channels)
          .bindArray("times", Long.class, (Object[]) times)
          .bindArray("data", String.class, (Object[]) data)
          .execute();
    });
  }

  /// The newest place in the app's log; 0 when it has none.
  long head(AppId app) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select coalesce(max(entry), 0) from log_line where app_id = :app")
            .bind("app", app.value())
            .mapTo(Long.class)
            .one());
  }

  /// The lines behind a place, oldest first.
  List<KeptLine> listAfter(AppId app, long entry, LogCondition condition, int limit) {
    return jdbi.withHandle(handle ->
        condition
            .bind(
                handle.createQuery(
                    "select %s from log_line where app_id = :app and entry > :entry%s order by entry limit :limit"
                        .formatted(COLUMNS, condition.sql())))
            .bind("app", app.value())
            .bind("entry", entry)
            .bind("limit", limit)
            .map((row, context) -> read(row))
            .list());
  }

  /// The newest lines of a time, oldest first.
  ///
  /// @throws SlipwayException EXHAUSTED when they have more characters than allowed
  List<KeptLine> listNewest(
      AppId app, NanoRange range, LogCondition condition, int limit, long maxCharacters) {
    return jdbi.inTransaction(handle -> {
      Query query =
          inRange(
              handle,
              "select %s from log_line where app_id = :app%s%s order by at_ns desc, entry desc limit :limit"
                  .formatted(COLUMNS, NanoRange.SQL, condition.sql()),
              app,
              range,
              condition);
      query.bind("limit", limit).setFetchSize(FETCH_SIZE);
      List<KeptLine> lines = new ArrayList<>();
      long characters = 0;
      try (var stream = query.map((row, context) -> read(row)).stream()) {
        for (Iterator<KeptLine> rows = stream.iterator(); rows.hasNext(); ) {
          KeptLine line = rows.next();
          characters += line.data().length();
          if (characters > maxCharacters) {
            throw new SlipwayException(
                ErrorKind.EXHAUSTED,
                "The newest %d lines of that time have more than %d characters; ask for fewer lines or a shorter time"
                    .formatted(limit, maxCharacters));
          }
          lines.add(line);
        }
      }
      Collections.reverse(lines);
      return lines;
    });
  }

  /// How many lines of one channel a part of a time has.
  ///
  /// @param bucket parts of `bucketNanos` since the epoch
  record Count(long bucket, Channel channel, long lines) {}

  List<Count> count(AppId app, NanoRange range, LogCondition condition, long bucketNanos) {
    return jdbi.withHandle(handle ->
        inRange(
                handle,
                """
                select at_ns / :bucket as bucket, channel, count(*) as lines from log_line
                where app_id = :app%s%s group by 1, 2 order by 1, 2
                """
                    .formatted(NanoRange.SQL, condition.sql()),
                app,
                range,
                condition)
            .bind("bucket", bucketNanos)
            .map((row, context) ->
                new Count(
                    row.getLong("bucket"),
                    Channel.ofCode(row.getInt("channel")),
                    row.getLong("lines")))
            .list());
  }

  /// Where a task belongs, by what it said.
  Optional<TaskOrigins.Origin> findOrigin(TaskId task) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select app_id, function_id from log_line where task_id = :task
                order by entry limit 1
                """)
            .bind("task", task.value())
            .map((row, context) ->
                new TaskOrigins.Origin(
                    new AppId(row.getString("app_id")),
                    new FunctionId(row.getString("function_id"))))
            .findOne());
  }

  /// How much is kept of an app.
  record Volume(AppId app, long bytes) {}

  /// The apps of which more is kept than this.
  List<Volume> listLarger(long bytes) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select app_id, bytes from log_app where bytes > :bytes")
            .bind("bytes", bytes)
            .map((row, context) ->
                new Volume(new AppId(row.getString("app_id")), row.getLong("bytes")))
            .list());
  }

  /// Forgets lines of before a time, of all apps.
  ///
  /// @return how many
  int forgetBefore(long atNanos, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                with old as (
                  select entry from log_line where at_ns < :before limit :limit
                ), gone as (
                  delete from log_line using old where log_line.entry = old.entry
                  returning log_line.app_id, octet_length(log_line.data) + :overhead as bytes
                ), less as (
                  select app_id, sum(bytes) as bytes, count(*) as lines
                  from gone group by app_id order by app_id
                ), counted as (
                  update log_app set bytes = log_app.bytes - less.bytes
                  from less where log_app.app_id = less.app_id
                )
                select coalesce(sum(lines), 0) from less
                """)
            .bind("before", atNanos)
            .bind("limit", limit)
            .bind("overhead", ROW_OVERHEAD_BYTES)
            .mapTo(Integer.class)
            .one());
  }

  /// Forgets the app's oldest lines: as few as make up so many bytes, or as many as allowed.
  ///
  /// @return the bytes of the lines that are gone
  long forgetOldest(AppId app, long bytes, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                with oldest as (
                  select entry, octet_length(data) + :overhead as bytes from log_line
                  where app_id = :app order by entry limit :limit
                ), summed as (
                  select entry, sum(bytes) over (order by entry) - bytes as before from oldest
                ), gone as (
                  delete from log_line using summed
                  where log_line.entry = summed.entry and summed.before < :bytes
                  returning octet_length(log_line.data) + :overhead as bytes
                ), less as (
                  select coalesce(sum(bytes), 0) as bytes from gone
                ), counted as (
                  update log_app set bytes = log_app.bytes - less.bytes
                  from less where log_app.app_id = :app
                )
                select bytes from less
                """)
            .bind("app", app.value())
            .bind("bytes", bytes)
            .bind("limit", limit)
            .bind("overhead", ROW_OVERHEAD_BYTES)
            .mapTo(Long.class)
            .one());
  }

  /// Forgets the apps of which nothing is kept.
  void forgetEmpty() {
    jdbi.useHandle(handle -> handle.execute("delete from log_app where bytes <= 0"));
  }

  private static Query inRange(
      Handle handle, String sql, AppId app, NanoRange range, LogCondition condition) {
    return condition
        .bind(handle.createQuery(sql))
        .bind("app", app.value())
        .bind("since", range.since())
        .bind("until", range.until());
  }

  private static KeptLine read(ResultSet row) throws SQLException {
    return new KeptLine(
        row.getLong("entry"),
        new TaskId(row.getString("task_id")),
        new FunctionId(row.getString("function_id")),
        Channel.ofCode(row.getInt("channel")),
        row.getLong("at_ns"),
        row.getString("data"));
  }
}
