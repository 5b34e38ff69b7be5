package dev.slipway.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ChildProcessTest {
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");

  private static ChildProcess shell(String script) {
    return ChildProcess.start(List.of("sh", "-c", script), Path.of("/"), ENVIRONMENT);
  }

  @Test
  void linesCarryTheirStreamAndTheTimeOfTheirArrival() {
    try (ChildProcess process = shell("echo one; echo two >&2; sleep 1; echo three; exit 3")) {
      assertThat(process.awaitExit(Duration.ofSeconds(20))).isEqualTo(3);
      Transcript transcript = process.transcript();
      assertThat(transcript.text(Line.Stream.OUT)).isEqualTo("one\nthree");
      assertThat(transcript.text(Line.Stream.ERR)).isEqualTo("two");
      Duration gap =
          transcript
              .find("three")
              .orElseThrow()
              .at()
              .minus(transcript.find("one").orElseThrow().at());
      assertThat(gap).isGreaterThan(Duration.ofMillis(900));
    }
  }

  @Test
  void awaitingALineThatNeverComesShowsWhatCame() {
    try (ChildProcess process = shell("echo something else")) {
      assertThatThrownBy(() -> process.transcript().await("the line", Duration.ofSeconds(20)))
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("before the end")
          .hasMessageContaining("something else");
    }
  }

  @Test
  void anInterruptReachesTheProgramWhateverTheShellAboveIgnores() {
    try (ChildProcess process =
        shell("trap 'echo interrupted; exit 4' INT; echo set; sleep 30 & wait")) {
      process.transcript().await("set", Duration.ofSeconds(20));
      process.signal(Signal.INT);
      assertThat(process.transcript().await("interrupted", Duration.ofSeconds(20)).stream())
          .isEqualTo(Line.Stream.OUT);
    }
  }

  @Test
  void closingEndsTheGrandchildrenToo() {
    // A duration that no other test sleeps, so that it is this one that is found.
    String grandchild = "sleep 4711." + ProcessHandle.current().pid();
    ChildProcess process = shell(grandchild + " & echo $!; wait");
    try (process) {
      process.transcript().await(text -> true, "a line", Duration.ofSeconds(20));
      // The shell says the number before the new process has become sleep.
      Awaitility.await().until(() -> runs(grandchild));
    }
    assertThat(process.awaitExit(Duration.ofSeconds(20))).isEqualTo(137);
    Awaitility.await().until(() -> !runs(grandchild));
  }

  private static boolean runs(String commandLine) {
    return HostProcesses.list().stream().anyMatch(one -> one.commandLine().equals(commandLine));
  }

  @Test
  void onlyTheNamedVariablesAreInTheEnvironment() {
    try (ChildProcess process = shell("env | grep -v ^PWD= | grep -v ^_=")) {
      process.awaitExit(Duration.ofSeconds(20));
      assertThat(process.transcript().text()).isEqualTo("PATH=/usr/bin:/bin");
    }
  }
}
