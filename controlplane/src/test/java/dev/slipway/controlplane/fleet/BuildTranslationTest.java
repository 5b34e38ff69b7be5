package dev.slipway.controlplane.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.slipway.controlplane.image.BuildBase;
import dev.slipway.controlplane.image.BuildLogEntry;
import dev.slipway.controlplane.image.BuildOutcome;
import dev.slipway.controlplane.image.BuildRequest;
import dev.slipway.controlplane.image.BuildStage;
import dev.slipway.controlplane.image.ImageContents;
import dev.slipway.controlplane.image.InlineFile;
import dev.slipway.images.recipe.RecipeParser;
import dev.slipway.images.registry.AmazonKeys;
import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.BuildId;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretVariables;
import dev.slipway.protocol.worker.BuildFailure;
import dev.slipway.protocol.worker.BuildFinished;
import dev.slipway.protocol.worker.BuildStep;
import dev.slipway.protocol.worker.BuiltImage;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.RegistryLogin;
import dev.slipway.protocol.worker.StartBuild;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BuildTranslationTest {
  private static final ImageConfig CONFIG =
      new ImageConfig(
          Map.of("A", "b"), "/w", List.of("entry"), List.of("cmd"), List.of("sh", "-c"), "me");

  @Test
  void ordersEveryKindOfStep() {
    StartBuild message =
        BuildTranslation.startBuild(
            request(
                new BuildBase.Reference("debian:12", false),
                "RUN a b",
                "RUN [\"c\"]",
                "COPY x y /z/",
                "ENV K=$V",
                "WORKDIR /w",
                "CMD d",
                "ENTRYPOINT [\"e\"]",
                "SHELL [\"f\"]",
                "USER g",
                "LABEL h=i",
                "ARG J=k"));

    assertThat(message.getBuildId()).isEqualTo("bu-1");
    assertThat(message.getLayerId()).isEqualTo("ly-1");
    assertThat(message.getBaseReference()).isEqualTo("debian:12");
    assertThat(message.getTimeoutSeconds()).isEqualTo(60);
    assertThat(message.getSecretEnvironmentMap()).isEqualTo(Map.of("TOKEN", "hush"));
    assertThat(message.getBaseLogin().getUser()).isEqualTo("ann");
    assertThat(message.getBaseLogin().getPassword()).isEqualTo("open sesame");
    assertThat(message.getResources().getMemoryMb()).isEqualTo(128);
    assertThat(message.getContextMountIdsList()).containsExactly("mo-1");
    assertThat(message.getContextFiles(0).getPath()).isEqualTo("/f");
    assertThat(message.getContextFiles(0).getData()).isEqualTo(ByteString.copyFromUtf8("data"));
    assertThat(message.getStepsList())
        .extracting(BuildStep::getStepCase)
        .containsExactly(
            BuildStep.StepCase.RUN,
            BuildStep.StepCase.RUN,
            BuildStep.StepCase.COPY,
            BuildStep.StepCase.ENVIRONMENT,
            BuildStep.StepCase.WORKING_DIRECTORY,
            BuildStep.StepCase.COMMAND,
            BuildStep.StepCase.ENTRYPOINT,
            BuildStep.StepCase.SHELL,
            BuildStep.StepCase.USER,
            BuildStep.StepCase.NOTE,
            BuildStep.StepCase.ARGUMENTS);
    assertThat(message.getSteps(0).getNumber()).isEqualTo(1);
    assertThat(message.getSteps(0).getSource()).isEqualTo("RUN a b");
    assertThat(message.getSteps(0).getRun().getShellForm()).isTrue();
    assertThat(message.getSteps(0).getRun().getArgumentsList()).containsExactly("a b");
    assertThat(message.getSteps(1).getRun().getShellForm()).isFalse();
    assertThat(message.getSteps(2).getCopy().getSourcesList()).containsExactly("x", "y");
    assertThat(message.getSteps(2).getCopy().getDestination()).isEqualTo("/z/");
    assertThat(message.getSteps(3).getEnvironment().getVariablesMap()).containsEntry("K", "${V}");
    assertThat(message.getSteps(5).getCommand().getShellForm()).isTrue();
    assertThat(message.getSteps(6).getEntrypoint().getArgumentsList()).containsExactly("e");
    assertThat(message.getSteps(10).getArguments().getVariablesMap()).containsEntry("J", "k");
  }

  @Test
  void ordersLoginsByKeysOfAmazon() {
    assertThat(BuildTranslation.login(new AmazonKeys("id", "hush", "for a time")))
        .isEqualTo(
            RegistryLogin.newBuilder()
                .setAmazon(
                    dev.slipway.protocol.worker.AmazonKeys.newBuilder()
                        .setAccessKeyId("id")
                        .setSecretAccessKey("hush")
                        .setSessionToken("for a time"))
                .build());
  }

  @Test
  void ordersBuildsOnParents() {
    StartBuild message =
        BuildTranslation.startBuild(
            request(
                new BuildBase.Parent(new ImageId("im-1"), List.of("one", "two"), CONFIG), "RUN a"));

    assertThat(message.getParent().getImageId()).isEqualTo("im-1");
    assertThat(message.getParent().getLayerIdsList()).containsExactly("one", "two");
    assertThat(message.getParent().getConfig().getUser()).isEqualTo("me");
  }

  @Test
  void readsWhatWasBuilt() {
    StartBuild parent =
        BuildTranslation.startBuild(
            request(new BuildBase.Parent(new ImageId("im-1"), List.of(), CONFIG), "RUN a"));
    BuildFinished message =
        BuildFinished.newBuilder()
            .setBuildId("bu-1")
            .setBuilt(
                BuiltImage.newBuilder()
                    .addLayerIds("one")
                    .setConfig(parent.getParent().getConfig())
                    .setPythonVersionInfo("Python 3.12.1")
                    .putPythonPackages("pip", "24")
                    .setLibcVersionInfo("glibc 2.36")
                    .setBaseDigest("sha256:x")
                    .setSizeBytes(5))
            .build();

    assertThat(BuildTranslation.outcome(message))
        .isEqualTo(
            new BuildOutcome.Built(
                new ImageContents(
                    List.of("one"),
                    CONFIG,
                    "Python 3.12.1",
                    Map.of("pip", "24"),
                    "glibc 2.36",
                    "sha256:x",
                    5)));
  }

  @Test
  void readsFailures() {
    BuildFinished message =
        BuildFinished.newBuilder()
            .setFailure(
                BuildFailure.newBuilder()
                    .setKind(BuildFailure.Kind.KIND_STEP_FAILED)
                    .setMessage("step 1")
                    .setExitCode(7))
            .build();

    assertThat(BuildTranslation.outcome(message))
        .isEqualTo(new BuildOutcome.Failed(BuildOutcome.Kind.STEP_FAILED, "step 1", 7));
    assertThat(BuildTranslation.outcome(BuildFinished.getDefaultInstance()))
        .isInstanceOfSatisfying(
            BuildOutcome.Failed.class,
            failed -> assertThat(failed.kind()).isEqualTo(BuildOutcome.Kind.MACHINE));
  }

  @Test
  void readsLogs() {
    assertThat(
            BuildTranslation.logEntries(
                List.of(
                    entry(LogEntry.Stream.STREAM_STDOUT),
                    entry(LogEntry.Stream.STREAM_STDERR),
                    entry(LogEntry.Stream.STREAM_SYSTEM))))
        .containsExactly(
            new BuildLogEntry(BuildLogEntry.Stream.STDOUT, 9, "x"),
            new BuildLogEntry(BuildLogEntry.Stream.STDERR, 9, "x"),
            new BuildLogEntry(BuildLogEntry.Stream.SYSTEM, 9, "x"));
  }

  private static LogEntry entry(LogEntry.Stream stream) {
    return LogEntry.newBuilder().setStream(stream).setTimestampNs(9).setData("x").build();
  }

  private static BuildRequest request(BuildBase base, String... lines) {
    List<String> all = new java.util.ArrayList<>(List.of("FROM base"));
    all.addAll(List.of(lines));
    return new BuildRequest(
        new BuildId("bu-1"),
        new BuildStage("ly-1", base, RecipeParser.parse(all, Map.of()).steps()),
        List.of(),
        List.of(new MountId("mo-1")),
        List.of(new InlineFile("/f", new byte[] {'d', 'a', 't', 'a'})),
        SecretVariables.of(Map.of("TOKEN", "hush")),
        Optional.of(new Credentials("ann", "open sesame")),
        Optional.empty(),
        "scope",
        RecipeParser.asides(all, Map.of("HTTP_PROXY", "http://proxy.example")),
        Duration.ofMinutes(1),
        new Resources(1, 2, 128, 0));
  }
}
