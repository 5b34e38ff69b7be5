package dev.slipway.controlplane.call;

import static dev.slipway.controlplane.call.CallFixture.ASYNC;
import static dev.slipway.controlplane.call.CallFixture.OTHER_TASK;
import static dev.slipway.controlplane.call.CallFixture.TASK;
import static dev.slipway.controlplane.call.CallFixture.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.call.CallGraph.GraphCall;
import dev.slipway.controlplane.call.CallGraph.GraphInput;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.CallId;
import dev.slipway.model.FunctionId;
import dev.slipway.model.InputId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
@Timeout(60)
class CallGraphTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private CallFixture server;
  private CallGraphStore graphs;

  @BeforeEach
  void open() {
    server = CallFixture.open(FIXTURE.database());
    graphs = new CallGraphStore(FIXTURE.database().jdbi());
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void aCallIsShownWithItsAncestorsAndDescendants() throws Exception {
    FunctionId outer = server.function();
    FunctionId inner = server.function();
    CallId root = server.spawn(outer);
    Assignment rootInput = server.take(TASK, outer).getFirst();
    CallId child = callFrom(rootInput.input(), inner);
    Assignment childInput = server.take(OTHER_TASK, inner).getFirst();
    CallId grandchild = callFrom(childInput.input(), inner);
    server.answer(OTHER_TASK, inner, childInput, success(""));
    server.spawn(outer);

    for (CallId start : List.of(root, child, grandchild)) {
      CallGraph graph = graphs.find(start);
      assertThat(graph.truncated()).isFalse();
      assertThat(graph.calls())
          .containsExactly(
              new GraphCall(root, outer, Optional.empty()),
              new GraphCall(child, inner, Optional.of(rootInput.input())),
              new GraphCall(grandchild, inner, Optional.of(childInput.input())));
      assertThat(graph.inputs())
          .extracting(GraphInput::call, GraphInput::status)
          .containsExactlyInAnyOrder(
              org.assertj.core.groups.Tuple.tuple(root, Optional.empty()),
              org.assertj.core.groups.Tuple.tuple(child, Optional.of(OutcomeStatus.SUCCESS)),
              org.assertj.core.groups.Tuple.tuple(grandchild, Optional.empty()));
    }
  }

  @Test
  void aParentThatDoesNotRunIsNoParent() {
    FunctionId function = server.function();
    CallId call = callFrom(new InputId("in-somebodys"), function);
    assertThat(graphs.find(call).calls())
        .containsExactly(new GraphCall(call, function, Optional.empty()));
  }

  @Test
  void aLargeGraphIsCutAndSaysSo() {
    FunctionId function = server.function();
    CallId map = server.map(function, 0);
    for (int from = 0; from <= CallGraphStore.MAX_INPUTS; from += 1_000) {
      server.put(map, function, from, from + 1_000);
    }
    CallGraph graph = graphs.find(map);
    assertThat(graph.truncated()).isTrue();
    assertThat(graph.inputs()).hasSize(CallGraphStore.MAX_INPUTS);
  }

  private CallId callFrom(InputId parent, FunctionId function) {
    return server
        .system
        .calls()
        .make(
            function,
            server.app.id(),
            CallKind.UNARY,
            ASYNC,
            Optional.of(parent),
            Optional.empty(),
            List.of(CallFixture.input(0)))
        .call();
  }
}
