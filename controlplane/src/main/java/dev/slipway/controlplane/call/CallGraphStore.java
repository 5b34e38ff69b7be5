package dev.slipway.controlplane.call;

import dev.slipway.controlplane.call.CallGraph.GraphCall;
import dev.slipway.controlplane.call.CallGraph.GraphInput;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import dev.slipway.model.TaskId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// Which calls made which, as the database knows it.
public final class CallGraphStore {
  /// Most calls and most inputs of one graph.
  static final int MAX_CALLS = 1_000;

  static final int MAX_INPUTS = 5_000;

  /// How many calls deep a graph is followed.
  static final int MAX_DEPTH = 50;

  private final Jdbi jdbi;

  public CallGraphStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  /// The graph that a call is part of.
  CallGraph find(CallId call) {
    List<GraphCall> calls = listCalls(root(call));
    List<GraphInput> inputs = listInputs(calls.stream().limit(MAX_CALLS).toList());
    return new CallGraph(
        calls.stream().limit(MAX_CALLS).toList(),
        inputs.stream().limit(MAX_INPUTS).toList(),
        calls.size() > MAX_CALLS || inputs.size() > MAX_INPUTS);
  }

  private CallId root(CallId call) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                with recursive up (id, parent, depth) as (
                  select id, parent_call_id, 0 from call where id = :call
                  union all
                  select c.id, c.parent_call_id, up.depth + 1
                  from up join call c on c.id = up.parent where up.depth < :depth)
                select id from up order by depth desc limit 1
                """)
            .bind("call", call.value())
            .bind("depth", MAX_DEPTH)
            .mapTo(String.class)
            .map(CallId::new)
            .findOne()
            .orElse(call));
  }

  private List<GraphCall> listCalls(CallId root) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                with recursive down (id, depth) as (
                  select id, 0 from call where id = :root
                  union all
                  select c.id, down.depth + 1
                  from down join call c on c.parent_call_id = down.id where down.depth < :depth)
                select c.id, c.function_id, c.parent_input_id
                from down join call c on c.id = down.id
                order by down.depth, c.created_at limit :limit
                """)
            .bind("root", root.value())
            .bind("depth", MAX_DEPTH)
            .bind("limit", MAX_CALLS + 1)
            .map((row, context) ->
                new GraphCall(
                    new CallId(row.getString("id")),
                    new FunctionId(row.getString("function_id")),
                    Optional.ofNullable(row.getString("parent_input_id")).map(InputId::new)))
            .list());
  }

  private List<GraphInput> listInputs(List<GraphCall> calls) {
    return jdbi.withHandle(handle ->
        handle
            .createQuery(
                """
                select i.id, i.call_id, o.task_id, o.status
                from input i left join output o on o.call_id = i.call_id and o.idx = i.idx
                where i.call_id = any(:calls) order by i.created_at, i.idx limit :limit
                """)
            .bindArray("calls", String.class, calls.stream().map(c -> c.id().value()).toArray())
            .bind("limit", MAX_INPUTS + 1)
            .map((row, context) ->
                new GraphInput(
                    new InputId(row.getString("id")),
                    new CallId(row.getString("call_id")),
                    Optional.ofNullable(row.getString("task_id")).map(TaskId::new),
                    Optional.ofNullable(row.getString("status")).map(OutcomeStatus::valueOf)))
            .list());
  }
}
