package dev.slipway.controlplane.call;

import dev.slipway.controlplane.storage.Row;
import dev.slipway.model.AppId;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/// Calls, inputs and outputs in the database. Writes are rows for the group commit; reads happen at
/// start-up and for calls that have left the memory.
public final class CallStore {
  private static final String INSERT_CALL =
      """
      insert into call (id, function_id, app_id, kind, invocation, parent_input_id,
                        parent_call_id, idempotency_key, created_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (id) do nothing
      """;
  private static final String INSERT_INPUT =
      """
      insert into input (call_id, idx, id, payload, created_at) values (?, ?, ?, ?, ?)
      on conflict (call_id, idx) do nothing
      """;
  private static final String INSERT_OUTPUT =
      """
      insert into output (call_id, idx, input_id, task_id, status, payload, message,
                          data_format, started_at, created_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      on conflict (call_id, idx) do nothing
      """;
  private static final String UPDATE_ATTEMPT =
      "update input set attempt = ? where call_id = ? and idx = ?";
  private static final String CANCEL_CALL = "update call set cancelled_at = ? where id = ?";
  private static final String SETTLE_CALL = "update call set settled = true where id = ?";
  private static final String INSERT_DATA =
      """
      insert into call_data (call_id, direction, idx, payload) values (?, ?, ?, ?)
      on conflict (call_id, direction, idx) do nothing
      """;

  private final Jdbi jdbi;

  public CallStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// A call as it is stored.
  record StoredCall(
      CallId id,
      FunctionId function,
      AppId app,
      CallKind kind,
      int invocation,
      Optional<ParentInput> parent,
      Optional<String> idempotencyKey,
      boolean cancelled,
      boolean settled,
      Instant createdAt) {}

  /// An input as it is stored; the payload only when it has no output yet.
  record StoredInput(
      CallId call,
      int index,
      InputId id,
      Optional<byte[]> payload,
      int attempt,
      Instant createdAt) {}

  /// An output as it is stored.
  record StoredOutput(CallId call, Output output) {}

  static Row call(Call call, @Nullable String idempotencyKey) {
    return Row.of(
        INSERT_CALL,
        call.id.value(),
        call.function.value(),
        call.app.value(),
        call.kind.name(),
        (short) call.invocation.code(),
        call.parent.map(p -> p.input().value()).orElse(null),
        call.parent.map(p -> p.call().value()).orElse(null),
        idempotencyKey,
        timestamp(call.createdAt));
  }

  static Row input(Input input, byte[] payload, Instant createdAt) {
    return Row.of(
        INSERT_INPUT,
        input.call.id.value(),
        input.index,
        input.id.value(),
        payload,
        timestamp(createdAt));
  }

  static Row output(Call call, Output output) {
    return Row.of(
        INSERT_OUTPUT,
        call.id.value(),
        output.index(),
        output.input().value(),
        output.task().map(TaskId::value).orElse(null),
        output.outcome().status().name(),
        output.outcome().payload().orElse(null),
        output.outcome().message(),
        output.outcome().dataFormat(),
        output.startedAt().map(CallStore::timestamp).orElse(null),
        timestamp(output.createdAt()));
  }

  static Row attempt(Input input) {
    return Row.of(UPDATE_ATTEMPT, input.failedAttempts, input.call.id.value(), input.index);
  }

  static Row cancelled(CallId call, Instant at) {
    return Row.of(CANCEL_CALL, timestamp(at), call.value());
  }

  static Row data(CallId call, String direction, long index, byte[] payload) {
    return Row.of(INSERT_DATA, call.value(), direction, index, payload);
  }

  /// Notes that the call has no open input and leaves the memory.
  static Row settled(CallId call) {
    return Row.of(SETTLE_CALL, call.value());
  }

  /// Takes the note back.
  static Row unsettled(CallId call) {
    return Row.of("update call set settled = false where id = ?", call.value());
  }

  /// The rows that remove everything of a call.
  static List<Row> removal(CallId call) {
    return List.of(
        Row.of("delete from call_data where call_id = ?", call.value()),
        Row.of("delete from output where call_id = ?", call.value()),
        Row.of("delete from input where call_id = ?", call.value()),
        Row.of("delete from call where id = ?", call.value()));
  }

  /// The calls that have inputs without an output. Looks at nothing but calls that are not settled,
  /// of which an index tells, and counts what belongs to them: an output is that of an input.
  List<StoredCall> listUnfinished() {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select * from call c
                where not settled
                  and (select count(*) from input i where i.call_id = c.id)
                    > (select count(*) from output o where o.call_id = c.id)
                """)
            .map((row, context) -> readCall(row))
            .list());
  }

  /// Keys of calls that their client may still be trying to make.
  List<StoredCall> listWithKeys(Instant since) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select * from call
                where idempotency_key is not null and created_at > :since
                """)
            .bind("since", timestamp(since))
            .map((row, context) -> readCall(row))
            .list());
  }

  /// Whether calls of any of the functions are kept.
  public boolean hasCallsOf(List<FunctionId> functions) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select exists (select 1 from call where function_id = any(:functions))")
            .bindArray(
                "functions", String.class, functions.stream().map(FunctionId::value).toArray())
            .mapTo(Boolean.class)
            .one());
  }

  Optional<StoredCall> find(CallId id) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from call where id = :id")
            .bind("id", id.value())
            .map((row, context) -> readCall(row))
            .findOne());
  }

  List<StoredInput> listInputs(List<CallId> calls) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select i.*, o.idx is not null as done,
                       case when o.idx is null then i.payload end as open_payload
                from input i left join output o on o.call_id = i.call_id and o.idx = i.idx
                where i.call_id = any(:calls) order by i.call_id, i.idx
                """)
            .bindArray("calls", String.class, calls.stream().map(CallId::value).toArray())
            .map((row, context) ->
                new StoredInput(
                    new CallId(row.getString("call_id")),
                    row.getInt("idx"),
                    new InputId(row.getString("id")),
                    Optional.ofNullable(row.getBytes("open_payload")),
                    row.getInt("attempt"),
                    row.getObject("created_at", OffsetDateTime.class).toInstant()))
            .list());
  }

  List<StoredOutput> listOutputs(List<CallId> calls) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery("select * from output where call_id = any(:calls) order by position")
            .bindArray("calls", String.class, calls.stream().map(CallId::value).toArray())
            .map((row, context) ->
                new StoredOutput(new CallId(row.getString("call_id")), readOutput(row)))
            .list());
  }

  /// Chunks of a call behind an index, in order.
  List<byte[]> listData(CallId call, String direction) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select payload from call_data
                where call_id = :call and direction = :direction order by idx
                """)
            .bind("call", call.value())
            .bind("direction", direction)
            .mapTo(byte[].class)
            .list());
  }

  /// Calls that have nothing open, and where nothing has happened since the time.
  List<CallId> listFinishedBefore(Instant time, int limit) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select c.id from call c
                where c.created_at < :time
                  and not exists (
                    select 1 from output o where o.call_id = c.id and o.created_at >= :time)
                  and not exists (
                    select 1 from input i
                    where i.call_id = c.id and not exists (
                      select 1 from output o where o.call_id = i.call_id and o.idx = i.idx))
                order by c.created_at
                limit :limit
                """)
            .bind("time", timestamp(time))
            .bind("limit", limit)
            .mapTo(String.class)
            .map(CallId::new)
            .list());
  }

  private static StoredCall readCall(ResultSet row) throws SQLException {
    return new StoredCall(
        new CallId(row.getString("id")),
        new FunctionId(row.getString("function_id")),
        new AppId(row.getString("app_id")),
        CallKind.valueOf(row.getString("kind")),
        row.getInt("invocation"),
        parent(row),
        Optional.ofNullable(row.getString("idempotency_key")),
        row.getObject("cancelled_at") != null,
        row.getBoolean("settled"),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  private static Optional<ParentInput> parent(ResultSet row) throws SQLException {
    String input = row.getString("parent_input_id");
    String call = row.getString("parent_call_id");
    return input == null || call == null
        ? Optional.empty()
        : Optional.of(new ParentInput(new InputId(input), new CallId(call)));
  }

  private static Output readOutput(ResultSet row) throws SQLException {
    OffsetDateTime started = row.getObject("started_at", OffsetDateTime.class);
    return new Output(
        row.getInt("idx"),
        new InputId(row.getString("input_id")),
        new Outcome(
            OutcomeStatus.valueOf(row.getString("status")),
            Optional.ofNullable(row.getBytes("payload")),
            Optional.ofNullable(row.getString("message")).orElse(""),
            row.getInt("data_format")),
        Optional.ofNullable(row.getString("task_id")).map(TaskId::new),
        Optional.ofNullable(started).map(OffsetDateTime::toInstant),
        row.getObject("created_at", OffsetDateTime.class).toInstant());
  }

  private static OffsetDateTime timestamp(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }
}
