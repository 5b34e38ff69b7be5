package dev.slipway.e2e.project;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Who may know whom. `launcher → {controlplane, worker} → {scheduling, images, content} → model`:
/// nothing points up or sideways, but for images, which know the content store.
class DirectionsTest {
  private static final JavaClasses SLIPWAY =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.slipway");

  private static final String[] JDK = {"java..", "javax..", "jdk..", "org.jspecify.."};

  @Test
  void theModelKnowsNothingButTheJdk() {
    classes()
        .that(are("model"))
        .should()
        .onlyDependOnClassesThat(are("model").or(resideInAnyPackage(JDK)))
        .check(SLIPWAY);
  }

  @Test
  void schedulingDecidesOnValuesAloneAndDoesNothingItself() {
    classes()
        .that(are("scheduling"))
        .should()
        .onlyDependOnClassesThat(are("scheduling", "model").or(resideInAnyPackage(JDK)))
        .andShould()
        .onlyDependOnClassesThat(
            not(resideInAnyPackage("java.io..", "java.net..", "java.nio.channels..")))
        .check(SLIPWAY);
  }

  @Test
  void theContentStoreKnowsOnlyTheModel() {
    knowOnly("content", "content", "model").check(SLIPWAY);
  }

  @Test
  void imagesKnowTheContentStoreAndTheModel() {
    knowOnly("images", "images", "content", "model").check(SLIPWAY);
  }

  @Test
  void theControlPlaneKnowsNeitherTheWorkerNorTheLauncher() {
    knowOnly("controlplane", "controlplane", "protocol", "scheduling", "images", "content", "model")
        .check(SLIPWAY);
  }

  @Test
  void theWorkerKnowsTheControlPlaneThroughTheirProtocolAlone() {
    knowOnly("worker", "worker", "protocol", "images", "content", "model").check(SLIPWAY);
  }

  @Test
  void theWorkerUnderstandsNothingOfWhatClientsSay() {
    noClasses()
        .that(are("worker"))
        .should()
        .dependOnClassesThat(resideInAPackage("dev.slipway.protocol.modal.."))
        .check(SLIPWAY);
  }

  @Test
  void nobodyKnowsTheLauncher() {
    noClasses()
        .that(not(are("launcher", "benchmarks", "e2e")))
        .should()
        .dependOnClassesThat(are("launcher"))
        .check(SLIPWAY);
  }

  @Test
  void productionCodeKnowsNothingOfTests() {
    noClasses()
        .that(not(are("testkit", "benchmarks", "e2e")))
        .should()
        .dependOnClassesThat(are("testkit").or(resideInAnyPackage("org.junit..", "org.assertj..")))
        .check(SLIPWAY);
  }

  @Test
  void wireTypesStayAtTheEdges() {
    noClasses()
        .that(not(are("protocol")))
        .and(not(speakAWireProtocol()))
        .should()
        .dependOnClassesThat(are("protocol"))
        .because("behind the edges there are domain records, which no client can change")
        .check(SLIPWAY);
  }

  @Test
  void aFeatureNeverTouchesTheStoreOfAnother() {
    classes()
        .that(are("controlplane"))
        .and(simpleNameEndingWith("Store"))
        .and(not(resideInAPackage("dev.slipway.controlplane.storage..")))
        .should(beUsedOnlyByTheirOwnFeatureAndTheWiring())
        .check(SLIPWAY);
  }

  @Test
  void packagesFormNoCycles() {
    slices()
        .matching("dev.slipway.(*).(*)..")
        .namingSlices("$1.$2")
        .should()
        .beFreeOfCycles()
        .check(SLIPWAY);
  }

  private static ArchRule knowOnly(String who, String... whom) {
    return noClasses()
        .that(are(who))
        .should()
        .dependOnClassesThat(resideInAPackage("dev.slipway..").and(not(are(whom))));
  }

  private static DescribedPredicate<JavaClass> are(String... modules) {
    String[] packages =
        Arrays.stream(modules).map(name -> "dev.slipway." + name + "..").toArray(String[]::new);
    return resideInAnyPackage(packages).as("are of " + String.join(", ", modules));
  }

  /// Classes that stand at an edge: those that answer calls, those that translate, the two ends of
  /// the worker protocol, and the registry and the wiring, which pass messages on without reading
  /// them.
  private static DescribedPredicate<JavaClass> speakAWireProtocol() {
    return DescribedPredicate.describe(
        "speak a wire protocol",
        type ->
            Stream.of("Rpc", "Translation", "Adapter")
                    .anyMatch(ending -> outermost(type).getSimpleName().endsWith(ending))
                || outermost(type).getSimpleName().startsWith("Fleet")
                || Stream.of(
                        "controlplane.rpc",
                        "controlplane.fleet",
                        "worker.agent",
                        "worker.relay",
                        "launcher")
                    .anyMatch(name -> type.getPackageName().startsWith("dev.slipway." + name)));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(DirectionsTest::outermost).orElse(type);
  }

  private static ArchCondition<JavaClass> beUsedOnlyByTheirOwnFeatureAndTheWiring() {
    return new ArchCondition<>("be used only by their own feature and the wiring") {
      @Override
      public void check(JavaClass store, ConditionEvents events) {
        for (Dependency use : store.getDirectDependenciesToSelf()) {
          JavaClass user = use.getOriginClass();
          boolean own = user.getPackageName().equals(store.getPackageName());
          boolean wiring = user.getPackageName().startsWith("dev.slipway.launcher");
          if (!own && !wiring) {
            events.add(SimpleConditionEvent.violated(use, use.getDescription()));
          }
        }
      }
    };
  }
}
