package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.util.ArrayList;
import java.util.List;

/// Ten calls of a deployed app, started by one program and fetched by another.
final class WorkForLater implements AutoCloseable {
  private static final int CALLS = 10;
  private static final String CALL = "call fc-";

  private final ModalClient client;
  private final List<String> calls;

  private WorkForLater(ModalClient client, List<String> calls) {
    this.client = client;
    this.calls = calls;
  }

  /// Deploys the app and starts the calls: the server has accepted them when this returns.
  static WorkForLater start(ModalClient client) {
    client.modal("deploy", "later.py").succeeded();
    List<String> calls = startCalls(client);
    return new WorkForLater(client, calls);
  }

  private static List<String> startCalls(ModalClient client) {
    Run started = client.python("later.py", "start").succeeded();
    List<String> calls =
        started
            .out()
            .lines()
            .filter(line -> line.startsWith(CALL))
            .map(line -> line.substring(CALL.indexOf("fc-")))
            .toList();
    assertThat(calls).as("%s", started).hasSize(CALLS);
    return calls;
  }

  /// Starts as many calls again and gives their ids.
  List<String> startMore() {
    return startCalls(client);
  }

  /// Fetches the results in a program of its own, which must get all of them.
  void assertEveryResultArrives() {
    assertEveryResultArrives(calls);
  }

  /// Fetches the results of calls that [#startMore] started.
  void assertEveryResultArrives(List<String> calls) {
    List<String> words = new ArrayList<>(List.of("later.py", "fetch"));
    words.addAll(calls);
    Run fetched = client.python(words.toArray(String[]::new));
    assertThat(fetched.out())
        .as("%s", fetched)
        .contains("results: [0, 3, 6, 9, 12, 15, 18, 21, 24, 27]");
  }

  /// Stops the app.
  @Override
  public void close() {
    DeployedApp.confirmed(client, "app", "stop", "later");
  }
}
