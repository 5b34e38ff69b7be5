package dev.slipway.controlplane.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppState;
import dev.slipway.controlplane.app.AppStore;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.app.Deployment;
import dev.slipway.controlplane.app.Deployments;
import dev.slipway.controlplane.app.Publication;
import dev.slipway.controlplane.call.MovedClock;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.IdSource;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import dev.slipway.protocol.modal.AutoscalerSettings;
import dev.slipway.protocol.modal.ContainerArguments;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.FunctionOptions;
import dev.slipway.protocol.modal.MethodDefinition;
import dev.slipway.protocol.modal.Resources;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
class FunctionsTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId WORKSPACE = new WorkspaceId("ac-1");
  private static final byte[] NO_BYTES = {};

  private final IdSource ids = IdSource.secure();
  private final MovedClock clock = new MovedClock();
  private final AppStore appStore = new AppStore(FIXTURE.database().jdbi());
  private final Apps apps = new Apps(appStore, ids, clock, (app, urgent, reason) -> {});
  private final FunctionTranslation translation = new FunctionTranslation();
  private final Functions functions = functions();
  private final Deployments deployments =
      new Deployments(apps, appStore, functions, (app, everything) -> {}, clock);
  private final App app =
      apps.create(
          WORKSPACE,
          new EnvironmentId(ids.next("en")),
          "main",
          "shop",
          AppState.INITIALIZING,
          "1.6.4",
          Map.of());

  private Functions functions() {
    return new Functions(
        new FunctionStore(FIXTURE.database().jdbi()), apps, translation, ids, clock);
  }

  private static Function function(String name, int timeout) {
    return Function.newBuilder()
        .setFunctionName(name)
        .setImageId("im-1")
        .setTimeoutSecs(timeout)
        .setAutoscalerSettings(AutoscalerSettings.newBuilder().setMinContainers(2))
        .build();
  }

  private Functions.Defined define(Optional<FunctionId> existing, Function function) {
    return functions.define(
        WORKSPACE,
        app.id(),
        existing,
        function.getFunctionName(),
        function.toByteArray(),
        FunctionTranslation.definitionId(function));
  }

  private App deploy(Map<String, String> functionIds, Map<String, String> definitionIds) {
    return deployments
        .deploy(
            WORKSPACE,
            app.id(),
            new Publication(functionIds, Map.of(), definitionIds),
            new Deployments.Deploy(
                "shop-" + app.id(),
                new Deployment.Note("1.6.4", "ada", "", Optional.empty()),
                false,
                Map.of()))
        .app();
  }

  private Duration timeout(FunctionId id) {
    return functions.requireSpec(id).timeout();
  }

  private static Function withDisk(int mib) {
    return function("f", 10).toBuilder()
        .setResources(Resources.newBuilder().setEphemeralDiskMb(mib))
        .build();
  }

  @Test
  void ephemeralDiskIsPartOfWhatAContainerNeeds() {
    FunctionId id = define(Optional.empty(), withDisk(600_000)).row().id();
    assertThat(functions.requireSpec(id).resources().diskMib()).isEqualTo(600_000);
  }

  @Test
  void ephemeralDiskThatNoMachineCouldMakeSenseOfIsRefused() {
    for (int mib : List.of(1, 15, (3 << 20) + 1, -1)) {
      assertThatThrownBy(() -> define(Optional.empty(), withDisk(mib)))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageContaining(
              "ephemeral_disk (MiB) of function 'f' is " + Integer.toUnsignedString(mib) + "; at ");
    }
    Function step = withDisk(64).toBuilder().setIsBuilderFunction(true).build();
    assertThatThrownBy(() -> define(Optional.empty(), step))
        .hasMessageContaining("runs as a step of an image");
  }

  @Test
  void aDefinitionIsValidWhenItsAppIsPublished() {
    FunctionId id = define(Optional.empty(), function("f", 10)).row().id();
    assertThat(timeout(id)).as("before anything is published").hasSeconds(10);
    deploy(Map.of("f", id.value()), Map.of());

    Functions.Defined next = define(Optional.of(id), function("f", 20));
    assertThat(next.row().id()).isEqualTo(id);
    assertThat(timeout(id)).as("while the deploy is under way").hasSeconds(10);
    deploy(Map.of("f", id.value()), Map.of(id.value(), next.definition().id()));
    assertThat(timeout(id)).hasSeconds(20);

    deployments.rollback(
        WORKSPACE, app.id(), 1, new Deployment.Note("1.6.4", "ada", "", Optional.empty()));
    assertThat(timeout(id)).hasSeconds(10);
    assertThat(functions().requireSpec(id).timeout()).as("after a restart").hasSeconds(10);
  }

  @Test
  void ofTwoDeploysTheLaterOneIsValidWithTheDefinitionsItNames() {
    FunctionId id = define(Optional.empty(), function("f", 10)).row().id();
    String mine = define(Optional.of(id), function("f", 11)).definition().id();
    String theirs = define(Optional.of(id), function("f", 12)).definition().id();
    deploy(Map.of("f", id.value()), Map.of(id.value(), theirs));
    deploy(Map.of("f", id.value()), Map.of(id.value(), mine));
    assertThat(timeout(id)).hasSeconds(11);
  }

  @Test
  void equalDefinitionsHaveOneId() {
    Function one = function("f", 10).toBuilder().addMountIds("mo-1").addMountIds("mo-2").build();
    Function other = function("f", 10).toBuilder().addMountIds("mo-2").addMountIds("mo-1").build();
    assertThat(FunctionTranslation.definitionId(one))
        .isEqualTo(FunctionTranslation.definitionId(other))
        .isNotEqualTo(FunctionTranslation.definitionId(function("f", 10)));
  }

  @Test
  void whatIsNoPartOfTheValidVersionKeepsNoContainersWithoutWork() {
    FunctionId id = define(Optional.empty(), function("f", 10)).row().id();
    FunctionId other = define(Optional.empty(), function("g", 10)).row().id();
    deploy(Map.of("f", id.value(), "g", other.value()), Map.of());
    assertThat(functions.requireSpec(other).scaling().minContainers()).isEqualTo(2);
    deploy(Map.of("f", id.value()), Map.of());
    assertThat(functions.requireSpec(id).scaling().minContainers()).isEqualTo(2);
    assertThat(functions.requireSpec(other).scaling().minContainers()).isZero();
  }

  @Test
  void variantsAreEqualForEqualRequestsAndFollowTheirFunction() {
    FunctionId id = define(Optional.empty(), function("f", 10)).row().id();
    deploy(Map.of("f", id.value()), Map.of());
    byte[] options = FunctionOptions.newBuilder().setConcurrencyLimit(3).build().toByteArray();
    FunctionRow variant = functions.bind(WORKSPACE, id, NO_BYTES, options);
    assertThat(functions.bind(WORKSPACE, id, NO_BYTES, options).id()).isEqualTo(variant.id());
    assertThat(functions.bind(WORKSPACE, id, new byte[] {1}, options).id())
        .isNotEqualTo(variant.id());
    assertThat(functions.requireSpec(variant.id()).scaling().maxContainers()).isEqualTo(3);

    byte[] hasty = FunctionOptions.newBuilder().setTimeoutSecs(5).build().toByteArray();
    FunctionRow both = functions.bind(WORKSPACE, variant.id(), NO_BYTES, hasty);
    assertThat(both.base()).contains(id);
    assertThat(functions.requireSpec(both.id()).scaling().maxContainers()).isEqualTo(3);
    assertThat(timeout(both.id())).hasSeconds(5);

    String next = define(Optional.of(id), function("f", 20)).definition().id();
    deploy(Map.of("f", id.value()), Map.of(id.value(), next));
    assertThat(timeout(variant.id())).hasSeconds(20);
  }

  @Test
  void aPinnedFunctionStaysWithItsVersionAndTellsItsContainersSo() {
    FunctionId id = define(Optional.empty(), function("f", 10)).row().id();
    App first = deploy(Map.of("f", id.value()), Map.of());
    String old = Objects.requireNonNull(first.published().definitionIds().get(id.value()));
    FunctionId added = define(Optional.empty(), function("g", 10)).row().id();
    String next = define(Optional.of(id), function("f", 20)).definition().id();
    App second = deploy(Map.of("f", id.value(), "g", added.value()), Map.of(id.value(), next));

    FunctionRow pinned = functions.pin(functions.requireRow(id), 1, old);
    assertThat(pinned.id()).isNotEqualTo(id);
    assertThat(timeout(pinned.id())).hasSeconds(10);
    assertThat(functions.requireSpec(pinned.id()).scaling().minContainers()).isZero();
    FunctionRow bound = functions.bind(WORKSPACE, pinned.id(), new byte[] {1}, NO_BYTES);
    assertThat(timeout(bound.id())).hasSeconds(10);

    LayoutTranslation layouts = new LayoutTranslation(functions, translation, deployments);
    ContainerArguments arguments = layouts.arguments(second, bound.id(), old).build();
    assertThat(arguments.getFunctionDef().getTimeoutSecs()).isEqualTo(10);
    assertThat(arguments.getFunctionId()).isEqualTo(bound.id().value());
    assertThat(arguments.getAppLayout().getFunctionIdsMap()).isEqualTo(Map.of("f", id.value()));
    assertThat(arguments.getAppLayout().getObjects(0).getFunctionHandleMetadata().getDefinitionId())
        .isEqualTo(old);
  }

  @Test
  void onlyWhatIsThereCanBePublished() {
    FunctionId id = define(Optional.empty(), function("f", 10)).row().id();
    FunctionRow announced =
        functions.announce(WORKSPACE, app.id(), Optional.empty(), "g", NO_BYTES);
    assertThatThrownBy(() -> deploy(Map.of("g", announced.id().value()), Map.of()))
        .hasMessage("function 'g' was announced but never defined");
    assertThatThrownBy(() -> deploy(Map.of("f", id.value()), Map.of(id.value(), "de-0")))
        .hasMessage("The function '%s' has no definition 'de-0'".formatted(id));
    assertThatThrownBy(() -> deploy(Map.of("f", "fu-0000000000000000000000"), Map.of()))
        .hasMessageContaining("There is no function 'fu-0000000000000000000000' in app");
    assertThatThrownBy(() ->
            deployments.publish(
                WORKSPACE,
                app.id(),
                Optional.of(AppState.EPHEMERAL),
                new Publication(Map.of(), Map.of("C", "cs-0000000000000000000000"), Map.of())))
        .hasMessageContaining("There is no class 'cs-0000000000000000000000' in app");
    assertThat(apps.require(WORKSPACE, app.id()).published()).isEqualTo(Publication.NOTHING);
  }

  @Test
  void aMethodOfAnotherClassIsRefused() {
    Function jar =
        function("Jar.*", 10).toBuilder()
            .setIsClass(true)
            .putMethodDefinitions("fill", MethodDefinition.getDefaultInstance())
            .build();
    FunctionSpec spec = functions.requireSpec(define(Optional.empty(), jar).row().id());
    spec.requireMethod("fill");
    assertThatThrownBy(() -> spec.requireMethod("look"))
        .hasMessage("'Jar.*' has no method 'look'; it has [fill]");
    assertThatThrownBy(() -> spec.requireMethod("")).hasMessageContaining("has no method ''");
    FunctionSpec plain =
        functions.requireSpec(define(Optional.empty(), function("f", 10)).row().id());
    plain.requireMethod("");
    assertThatThrownBy(() -> plain.requireMethod("fill"))
        .hasMessage("'f' is a function and has no method 'fill'");
  }

  @Test
  void whatTheValidVersionDoesNotHaveIsNotCalledAnyMore() {
    FunctionId kept = define(Optional.empty(), function("kept", 10)).row().id();
    FunctionId dropped = define(Optional.empty(), function("dropped", 10)).row().id();
    functions.requirePart(dropped);
    deploy(Map.of("kept", kept.value(), "dropped", dropped.value()), Map.of());
    FunctionId variant = functions.bind(WORKSPACE, dropped, NO_BYTES, NO_BYTES).id();
    FunctionId pinned =
        functions
            .pin(
                functions.requireRow(dropped),
                1,
                functions.requireDefinition(functions.requireRow(dropped)).id())
            .id();
    functions.requirePart(dropped);
    functions.requirePart(variant);

    deploy(Map.of("kept", kept.value()), Map.of());
    functions.requirePart(kept);
    functions.requirePart(pinned);
    assertThat(List.of(kept, dropped, variant, pinned))
        .as("how long containers may be idle")
        .extracting(id -> functions.requireSpec(id).scaling().scaledownWindow().toSeconds())
        .containsExactly(60L, 2L, 2L, 60L);
    for (FunctionId gone : List.of(dropped, variant)) {
      assertThatThrownBy(() -> functions.requirePart(gone))
          .hasMessageContaining("'dropped' is not part of version 2 of the app 'shop-");
    }
    deployments.rollback(
        WORKSPACE, app.id(), 1, new Deployment.Note("1.6.4", "ada", "", Optional.empty()));
    functions.requirePart(dropped);
    assertThat(functions.requireSpec(dropped).scaling().scaledownWindow()).hasSeconds(60);
  }

  @Test
  void theFunctionsOfAnAppThatIsOverGoWhenNothingIsKeptOfTheirCalls() {
    FunctionId function = define(Optional.empty(), function("work", 10)).row().id();
    Set<FunctionId> called = new HashSet<>();
    Runnable chore = functions.chore(asked -> asked.stream().anyMatch(called::contains));
    clock.advance(ForgottenFunctionsChore.KEEP.multipliedBy(2));
    chore.run();
    assertThat(functions.requireSpec(function)).as("of an app that runs").isNotNull();

    apps.stop(WORKSPACE, app.id(), false, "enough");
    chore.run();
    assertThat(functions().requireSpec(function)).as("of an app that just ended").isNotNull();

    clock.advance(ForgottenFunctionsChore.KEEP.plusSeconds(1));
    called.add(function);
    chore.run();
    assertThat(functions().requireSpec(function)).as("that results are kept of").isNotNull();

    called.clear();
    chore.run();
    for (Functions each : List.of(functions, functions())) {
      assertThatThrownBy(() -> each.requireSpec(function)).hasMessageContaining("no function");
    }
  }
}
