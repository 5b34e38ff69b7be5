package dev.slipway.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.ChildProcess;
import dev.slipway.testkit.ClientRelease;
import dev.slipway.testkit.ModalClient;
import dev.slipway.testkit.Run;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// A user wonders why something waits, and asks.
@Story
class WhyTest {
  private static final Duration WITHIN = Duration.ofSeconds(90);

  private final Installation installation;

  WhyTest(Installation installation) {
    this.installation = installation;
  }

  @Test
  void everythingThatWaitsHasASentenceThatSaysWhy() {
    ModalClient client = installation.client(ClientRelease.NEWEST);
    try (ChildProcess program = client.startModal("run", "waits.py")) {
      String delayed = call(program, "delayed ");
      String working = call(program, "working ");
      String waiting = call(program, "waiting ");
      assertThat(why(delayed)).contains("is tried again in ").contains("after 1 failed attempt");
      assertThat(why(working)).contains("runs in ta-").contains("1 running, ");
      assertThat(why(waiting)).contains("and is next").contains("max_containers=1 allows no more");
      assertThat(why("waits"))
          .contains("app waits (ap-")
          .contains("function in_line (fu-")
          .contains("works on 1 input")
          .contains("no attached worker can ever run it");
      assertThat(why("waits.enormous")).contains(", 2929.7 GiB and 2929.7 GiB of disk; ");
      assertThat(program.transcript().await("refused: ", WITHIN).text())
          .contains("no attached worker can ever run it");
      // A program that is killed leaves its app until its silence is noticed.
      assertThat(program.awaitExit(ModalClient.PATIENCE)).isZero();
    }
    assertThat(installation.server().run("why", "nothing", "--data", data()).failed().err())
        .contains("no function of one that is called 'nothing'");
  }

  private static String call(ChildProcess program, String word) {
    String line =
        program
            .transcript()
            .await(text -> text.startsWith(word), word, ModalClient.PATIENCE)
            .text();
    return line.substring(word.length()).strip();
  }

  private String why(String what) {
    Run run = installation.server().run("why", what, "--data", data()).succeeded();
    return run.out();
  }

  private String data() {
    return installation.server().data().toString();
  }
}
