package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import org.junit.jupiter.api.Test;

/// A user lets functions tell each other things through dicts and queues.
@Story
@EveryClient
class DataBetweenFunctionsTest {
  private final ModalClient client;

  DataBetweenFunctionsTest(ClientRelease release, Installation installation) {
    client = installation.client(release);
  }

  @Test
  void functionsWorkTogetherThroughQueuesAndDicts() {
    Run run = client.modal("run", "kitchen.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "every order was cooked once: True",
            "rung from another container: True",
            "noted in a container, read outside: True")
        .anyMatch(line -> line.startsWith("woken at once: True"));
  }

  @Test
  void aDictAndAQueueDoAllThatTheClientPromises() {
    Run run = client.python("pantry.py", "features").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains(
            "written and read: 2 {'nested': [1, 2]} default",
            "there or not: True False 2",
            "only if missing: False True",
            "updated: 5 7",
            "keys: [\"('two', 'words')\", 'oats', 'rye', 'salt']",
            "values: ['1', '5', '7', \"{'nested': [1, 2]}\"]",
            "items: [(\"('two', 'words')\", \"{'nested': [1, 2]}\"), ('oats', '1'), ('rye', '5'),"
                + " ('salt', '7')]",
            "popped: 7",
            "20 MiB: True",
            "cleared: 0 []",
            "lengths: 3 1 4",
            "looked at: ['first', 'second', 'third'] ['red one']",
            "got: first ['second', 'third'] red one",
            "nothing: None []",
            "waited: Empty: ",
            "waited for a second and a half or more: True",
            "looked at all: True",
            "cleared one: 0 1",
            "cleared all: 0",
            "after its time: 0 None")
        .anyMatch(line -> line.startsWith("popped again: KeyError: "))
        .anyMatch(line -> line.startsWith("not there: KeyError: "));
  }

  @Test
  void whatGoesBeyondALimitIsRefusedWithASentence() {
    Run run = client.python("pantry.py", "limits").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("room elsewhere: gave None", "nothing was added: 5000")
        .anyMatch(line -> line.startsWith("110 MiB: RequestSizeError: "))
        .anyMatch(line -> line.startsWith("item of 2 MiB: RequestSizeError: "))
        .anyMatch(line -> line.startsWith("6000 items: RequestSizeError: "))
        .anyMatch(line -> line.matches("a time below zero: .*-5 s.*"))
        .anyMatch(line -> line.matches("a time of 9 days: .*777600 s.*"))
        .anyMatch(line -> line.matches("no items asked for: .*0 items.*"))
        .anyMatch(line -> line.matches("fewer than none: .*-1 items.*"))
        .anyMatch(line -> line.startsWith("long key: InvalidError: "))
        .anyMatch(line -> line.matches("full: Full: .*5000.*"))
        .anyMatch(line -> line.matches("full for three seconds: Full: .*5000.*"))
        .anyMatch(line -> line.matches("unknown dict: NotFoundError: .*pantry-nowhere.*"))
        .anyMatch(line -> line.matches("unknown queue: NotFoundError: .*pantry-nowhere.*"))
        .anyMatch(line -> line.matches("elsewhere: NotFoundError: .*'nowhere'.*"));
  }

  @Test
  void ephemeralObjectsGoWhenTheirProgramHasLeft() {
    Run run = client.python("guests.py").succeeded();
    assertThat(run.out().lines())
        .as("%s", run)
        .contains("still there: Ann soup", "the dict is gone: True", "the queue is gone: True");
  }

  @Test
  void dictsAreLookedAtAndTidiedUpInTheTerminal() {
    client.modal("dict", "create", "terminal-dict").succeeded();
    client.python("-c", FILL_DICT).succeeded();
    assertThat(client.modal("dict", "list", "--json").succeeded().out())
        .contains("terminal-dict")
        .doesNotContain("no-such-dict");
    assertThat(client.modal("dict", "get", "terminal-dict", "rye").succeeded().out()).contains("7");
    assertThat(client.modal("dict", "items", "terminal-dict", "--json").succeeded().out())
        .contains("rye", "oats");
    client.modal("dict", "clear", "terminal-dict", "--yes").succeeded();
    assertThat(client.modal("dict", "items", "terminal-dict", "--json").succeeded().out())
        .doesNotContain("rye");
    client.modal("dict", "delete", "terminal-dict", "--yes").succeeded();
    assertThat(client.modal("dict", "list", "--json").succeeded().out())
        .doesNotContain("terminal-dict");
    assertThat(client.modal("dict", "get", "terminal-dict", "rye").failed().all())
        .contains("terminal-dict");
  }

  @Test
  void queuesAreLookedAtAndTidiedUpInTheTerminal() {
    client.modal("queue", "create", "terminal-queue").succeeded();
    client.python("-c", FILL_QUEUE).succeeded();
    assertThat(client.modal("queue", "list").succeeded().out())
        .containsPattern("terminal-queue.* 2 .* 5 ");
    assertThat(client.modal("queue", "len", "terminal-queue").succeeded().out()).contains("3");
    assertThat(client.modal("queue", "len", "terminal-queue", "--total").succeeded().out())
        .contains("5");
    assertThat(client.modal("queue", "peek", "terminal-queue", "2").succeeded().out().lines())
        .contains("rye", "oats")
        .doesNotContain("salt");
    assertThat(client.modal("queue", "peek", "terminal-queue", "-p", "red").succeeded().out())
        .contains("cherry");
    client.modal("queue", "clear", "terminal-queue", "-p", "red", "--yes").succeeded();
    assertThat(client.modal("queue", "len", "terminal-queue", "--total").succeeded().out())
        .contains("3");
    client.modal("queue", "clear", "terminal-queue", "--all", "--yes").succeeded();
    assertThat(client.modal("queue", "len", "terminal-queue", "-t").succeeded().out())
        .contains("0");
    client.modal("queue", "delete", "terminal-queue", "--yes").succeeded();
    assertThat(client.modal("queue", "list", "--json").succeeded().out())
        .doesNotContain("terminal-queue");
    assertThat(client.modal("queue", "len", "terminal-queue").failed().all())
        .contains("terminal-queue");
  }

  private static final String FILL_DICT =
      "import modal; modal.Dict.from_name('terminal-dict').update({'rye': 7, 'oats': 2})";

  private static final String FILL_QUEUE =
      """
      import modal
      queue = modal.Queue.from_name('terminal-queue')
      queue.put_many(['rye', 'oats', 'salt'])
      queue.put_many(['cherry', 'plum'], partition='red')
      """;
}
