package dev.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.worker.container.ContainerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the mounts of commands are on a machine.
@Tag("integration")
class StepMountsTest {
  @TempDir Path directory;
  private BuildFixture fixture;

  @BeforeEach
  void open() throws IOException {
    fixture = BuildFixture.open(directory);
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    fixture.assertNothingIsLeft();
  }

  private Path built(String layer, String... lines) throws InterruptedException {
    assertThat(
            fixture.buildRecipe(
                layer, List.of(BuildFixture.file("/dir/f", "from the context")), lines))
        .isInstanceOf(BuildOutcome.Built.class);
    return fixture.diff(layer);
  }

  private ContainerSpec.Bind lastBind(String destination) {
    return fixture.runtime.started().stream()
        .flatMap(spec -> spec.binds().stream())
        .filter(bind -> bind.destination().equals(destination))
        .toList()
        .getLast();
  }

  @Test
  void aCacheThatIsOnlyReadShowsWhatAnotherCommandLeft() throws Exception {
    Path diff =
        built(
            "one",
            "FROM base:1",
            "RUN --mount=type=cache,id=x,target=/cache,uid=7,mode=0710 append /cache/log text",
            "RUN --mount=type=cache,id=x,target=/seen,ro copy /seen/log /etc/log",
            "RUN --mount=type=cache,id=x,target=/who access /who /etc/who");

    assertThat(diff.resolve("etc/log")).hasContent("text");
    assertThat(diff.resolve("etc/who")).hasContent("100007 100000 710");
    assertThat(lastBind("/seen").readOnly()).isTrue();
    assertThat(lastBind("/cache").readOnly()).isFalse();
  }

  @Test
  void secretsBelongToWhomTheRecipeSays() throws Exception {
    Path diff =
        built(
            "one",
            "FROM base:1",
            "RUN --mount=type=secret,id=SECRET,target=/s,uid=7,gid=8,mode=0440 access /s /etc/s",
            "RUN --mount=type=secret,id=none,env=NONE write /etc/done yes",
            "RUN --mount=type=secret,id=SECRET,env=TOKEN write /etc/last yes");

    assertThat(diff.resolve("etc/s")).hasContent("100007 100008 440");
    ContainerSpec last =
        fixture.runtime.started().stream()
            .filter(spec -> spec.arguments().getLast().startsWith("write /etc/last"))
            .findFirst()
            .orElseThrow();
    assertThat(last.environment()).containsEntry("TOKEN", "hush").doesNotContainKey("NONE");
    assertThat(last.binds()).noneMatch(bind -> bind.destination().startsWith("/run/secrets"));
  }

  @Test
  void whatIsWrittenToBindsAndTemporaryDirectoriesIsDropped() throws Exception {
    Path diff =
        built(
            "one",
            "FROM base:1 AS first",
            "RUN write /etc/made first",
            "FROM base:1",
            "RUN --mount=target=/in,rw append /in/dir/f .",
            "RUN --mount=from=first,source=/etc/made,target=/one,rw append /one .",
            "RUN --mount=type=tmpfs,target=/t append /t/x y",
            "RUN --mount=type=tmpfs,target=/m,size=64k append /m/x y",
            "RUN --mount=from=first,source=/etc/made,target=/one copy /one /etc/one",
            "COPY dir/f /etc/f");

    assertThat(diff.resolve("etc/one")).hasContent("first");
    assertThat(diff.resolve("etc/f")).hasContent("from the context");
    assertThat(lastBind("/in").readOnly()).isFalse();
    assertThat(lastBind("/one").readOnly()).isTrue();
  }

  @Test
  void aTemporaryDirectoryTakesNoMoreThanItsSize() throws Exception {
    BuildOutcome.Failed failed =
        (BuildOutcome.Failed)
            fixture.buildRecipe(
                "one",
                List.of(),
                "FROM base:1",
                "RUN --mount=type=tmpfs,target=/m,size=64k fill /m/x 1");

    assertThat(failed.message()).contains("disk");
  }

  @Test
  void proxiesOfTheBuildReachItsCommandsAndNothingElse() throws Exception {
    BuildOutcome.Built image =
        (BuildOutcome.Built)
            fixture.buildRecipe(
                "one",
                List.of(),
                "FROM base:1",
                "RUN write /etc/a b",
                "ENV seen=x$http_proxy",
                "ENV http_proxy=http://own.example",
                "RUN write /etc/c d");

    assertThat(image.config().environment())
        .containsEntry("seen", "x")
        .containsEntry("http_proxy", "http://own.example");
    assertThat(fixture.runtime.started())
        .filteredOn(spec -> spec.arguments().getLast().startsWith("write"))
        .extracting(spec -> spec.environment().get("http_proxy"))
        .containsExactly("http://proxy.example", "http://own.example");
  }

  @Test
  void aCommandWithoutTheNetworkHasNone() throws Exception {
    built("one", "FROM base:1", "RUN --network=none write /etc/a b", "RUN write /etc/c d");

    assertThat(fixture.runtime.started())
        .filteredOn(spec -> spec.arguments().getLast().startsWith("write"))
        .extracting(ContainerSpec::network)
        .containsExactly(ContainerSpec.Network.BLOCKED, ContainerSpec.Network.OUTBOUND);
  }
}
