package dev.slipway.images.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.recipe.RecipeParser;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class BuildPlanProperties {
  /// Everything that a client says about a layer.
  record Request(
      String builderVersion,
      List<String> lines,
      ImageId parent,
      Map<String, Digest> files,
      Optional<Digest> mount,
      Map<String, String> buildArguments,
      String gpu) {
    Digest key() {
      return BuildPlan.of(
              builderVersion,
              RecipeParser.parse(lines, buildArguments),
              Map.of("base", parent),
              context(files, mount),
              gpu,
              Collections.emptySortedSet())
          .key();
    }
  }

  @Property
  void equalRecipesHaveEqualKeysWhateverTheOrderOfFilesAndArguments(
      @ForAll("requests") Request request, @ForAll Random random) {
    Request shuffled =
        new Request(
            request.builderVersion,
            request.lines,
            request.parent,
            shuffled(request.files, random),
            request.mount,
            shuffled(request.buildArguments, random),
            request.gpu);

    assertThat(shuffled.key()).isEqualTo(request.key());
  }

  @Property
  void whatChangesTheLayerChangesTheKey(
      @ForAll("requests") Request request, @ForAll("requests") Request other) {
    if (!request.equals(other)) {
      assertThat(other.key()).isNotEqualTo(request.key());
    }
  }

  @Property
  void eachPartCountsByItself(@ForAll("requests") Request r) {
    Digest digest = digest(99); // generated digests are smaller
    List<String> moreLines = new ArrayList<>(r.lines);
    moreLines.add("RUN more");
    Map<String, Digest> moreFiles = new LinkedHashMap<>(r.files);
    moreFiles.put("/another", digest);
    Map<String, String> otherArguments = new LinkedHashMap<>(r.buildArguments);
    otherArguments.put("ARGUMENT", "quite another value");

    assertThat(
            List.of(
                new Request(
                    "9999.99", r.lines, r.parent, r.files, r.mount, r.buildArguments, r.gpu),
                new Request(
                    r.builderVersion,
                    moreLines,
                    r.parent,
                    r.files,
                    r.mount,
                    r.buildArguments,
                    r.gpu),
                new Request(
                    r.builderVersion,
                    r.lines,
                    new ImageId("im-another"),
                    r.files,
                    r.mount,
                    r.buildArguments,
                    r.gpu),
                new Request(
                    r.builderVersion,
                    r.lines,
                    r.parent,
                    moreFiles,
                    r.mount,
                    r.buildArguments,
                    r.gpu),
                new Request(
                    r.builderVersion,
                    r.lines,
                    r.parent,
                    r.files,
                    Optional.of(digest),
                    r.buildArguments,
                    r.gpu),
                new Request(
                    r.builderVersion, r.lines, r.parent, r.files, r.mount, otherArguments, r.gpu),
                new Request(
                    r.builderVersion,
                    r.lines,
                    r.parent,
                    r.files,
                    r.mount,
                    r.buildArguments,
                    "H100")))
        .extracting(Request::key)
        .doesNotContain(r.key())
        .doesNotHaveDuplicates();
  }

  @Example
  void ignoresWhatChangesNothing() {
    Digest plain = plan("FROM base", "RUN a b").key();

    assertThat(plan("# why", "from base", "", "  RUN a \\", "# and", "b", "LABEL when=now").key())
        .isEqualTo(plain);
    assertThat(
            BuildPlan.of(
                    "2025.06",
                    RecipeParser.parse(List.of("FROM base", "RUN a b"), Map.of("UNUSED", "x")),
                    Map.of("base", new ImageId("im-p"), "unused", new ImageId("im-q")),
                    context(Map.of("/f", digest(1)), Optional.of(digest(2))),
                    "",
                    Collections.emptySortedSet())
                .key())
        .isEqualTo(plain);
  }

  @Example
  void ofSecretsTheNamesCountWhereACommandRuns() {
    Digest plain = plan("FROM base", "RUN a b").key();

    assertThat(List.of(plain, secretive("RUN a b", "TOKEN"), secretive("RUN a b", "TOKEN", "USER")))
        .doesNotHaveDuplicates();
    assertThat(secretive("RUN a b", "USER", "TOKEN"))
        .isEqualTo(secretive("RUN a b", "TOKEN", "USER"));
    assertThat(secretive("ENV A=b", "TOKEN")).isEqualTo(plan("FROM base", "ENV A=b").key());
  }

  private static Digest secretive(String line, String... secrets) {
    return BuildPlan.of(
            "2025.06",
            RecipeParser.parse(List.of("FROM base", line), Map.of()),
            Map.of("base", new ImageId("im-p")),
            BuildContext.empty(),
            "",
            new TreeSet<>(List.of(secrets)))
        .key();
  }

  @Example
  void keepsTheFormsOfACommandApart() {
    assertThat(
            List.of(
                plan("FROM base", "RUN a b").key(),
                plan("FROM base", "RUN [\"a b\"]").key(),
                plan("FROM base", "RUN [\"a\", \"b\"]").key(),
                plan("FROM base", "CMD a b").key(),
                plan("FROM base", "RUN a", "RUN b").key(),
                plan("FROM im-p", "RUN a b").key()))
        .doesNotHaveDuplicates();
  }

  @Example
  void refusesAMissingParent() {
    assertThatThrownBy(() ->
            BuildPlan.of(
                "2025.06",
                RecipeParser.parse(List.of("FROM base"), Map.of()),
                Map.of(),
                BuildContext.empty(),
                "",
                Collections.emptySortedSet()))
        .hasMessageContaining("FROM base");
  }

  @Property
  void idsAreStableAndOfTheirWorkspace(@ForAll("digests") Digest key) {
    WorkspaceId one = new WorkspaceId("ac-one");
    ImageId id = ImageIdentity.of(one, key, "");

    assertThat(id.value()).matches("im-[0-9A-Za-z]{22}");
    assertThat(ImageIdentity.of(one, key, "")).isEqualTo(id);
    assertThat(ImageIdentity.of(new WorkspaceId("ac-two"), key, "")).isNotEqualTo(id);
    assertThat(ImageIdentity.of(one, key, "forced")).isNotEqualTo(id);
    assertThat(ImageIdentity.layerOf(id)).isEqualTo("ly-" + id.value().substring(3));
  }

  private static BuildPlan plan(String... lines) {
    return BuildPlan.of(
        "2025.06",
        RecipeParser.parse(List.of(lines), Map.of()),
        Map.of("base", new ImageId("im-p")),
        BuildContext.empty(),
        "",
        Collections.emptySortedSet());
  }

  @Provide
  Arbitrary<Request> requests() {
    Arbitrary<List<String>> lines =
        Arbitraries.of("RUN pip install a", "ENV A=1", "ENV A=2", "WORKDIR /x", "USER me", "CMD a")
            .list()
            .ofMaxSize(4)
            .map(body -> {
              List<String> all = new ArrayList<>(List.of("FROM base", "ARG ARGUMENT", "COPY . /"));
              all.addAll(body);
              return all;
            });
    return Combinators.combine(
            Arbitraries.of("2024.10", "2025.06"),
            lines,
            Arbitraries.of(new ImageId("im-a"), new ImageId("im-b")),
            Arbitraries.maps(Arbitraries.of("/a", "/b", "/c", "/d"), digests()),
            digests().optional(),
            Arbitraries.maps(Arbitraries.just("ARGUMENT"), Arbitraries.of("x", "y", "$z")),
            Arbitraries.of("", "T4", "A100"))
        .as(Request::new);
  }

  @Provide
  Arbitrary<Digest> digests() {
    return Arbitraries.integers().between(0, 50).map(BuildPlanProperties::digest);
  }

  private static BuildContext context(Map<String, Digest> files, Optional<Digest> mounted) {
    Map<String, BuildContext.File> all = new LinkedHashMap<>();
    files.forEach((path, digest) -> all.put(path, new BuildContext.File(digest, 0)));
    mounted.ifPresent(digest -> all.put("/mounted", new BuildContext.File(digest, 0)));
    return new BuildContext(all);
  }

  private static Digest key(Map<String, Digest> files, String... lines) {
    return BuildPlan.of(
            "2025.06",
            RecipeParser.parse(List.of(lines), Map.of()),
            Map.of("base", new ImageId("im-p")),
            context(files, Optional.empty()),
            "",
            Collections.emptySortedSet())
        .key();
  }

  @Example
  void filesThatNoStepSeesDoNotCount() {
    String[] lines = {
      "FROM base", "COPY app/*.py lib /x/", "RUN --mount=source=tests/data,target=/d a"
    };
    Map<String, Digest> files =
        Map.of(
            "app/main.py", digest(1),
            "app/main.txt", digest(2),
            "app/deep/main.py", digest(3),
            "/lib/deep/a", digest(4),
            "library", digest(5),
            "tests/data/x", digest(6));
    Digest plain = key(files, lines);

    for (String unseen : List.of("app/main.txt", "app/deep/main.py", "library", "new")) {
      assertThat(key(with(files, unseen), lines)).as(unseen).isEqualTo(plain);
    }
    for (String seen : List.of("app/main.py", "app/other.py", "/lib/deep/b", "tests/data/x")) {
      assertThat(key(with(files, seen), lines)).as(seen).isNotEqualTo(plain);
    }
    // What a variable stands for is known later: then everything may be seen from there on.
    String[] variable = {"FROM base", "ARG WHERE=x", "COPY app/$WHERE /x/"};
    assertThat(key(with(files, "app/z"), variable)).isNotEqualTo(key(files, variable));
    assertThat(key(with(files, "z"), variable)).isEqualTo(key(files, variable));
  }

  private static Map<String, Digest> with(Map<String, Digest> files, String path) {
    Map<String, Digest> changed = new LinkedHashMap<>(files);
    changed.put(path, digest(77));
    return changed;
  }

  @Example
  void aChangedStepLeavesTheLayersBeforeItAsTheyAre() {
    BuildPlan one = plan("FROM base", "ARG A=1", "RUN a", "ENV B=2", "RUN b", "CMD c");
    BuildPlan other = plan("FROM base", "ARG A=1", "RUN a", "ENV B=2", "RUN another", "CMD c");

    assertThat(one.stages()).hasSize(3);
    assertThat(other.stages().get(0)).isEqualTo(one.stages().get(0));
    assertThat(other.stages().get(1).key()).isNotEqualTo(one.stages().get(1).key());
    assertThat(other.key()).isNotEqualTo(one.key());
    assertThat(one.stages().get(1).base()).isEqualTo(new Base.Stage(0));
    // Build arguments are said again, without a number.
    assertThat(one.stages().get(1).steps()).extracting(RecipeStep::number).containsExactly(0, 3, 4);
  }

  @Example
  void stagesThatAreCutAreStillReferredToAsAWhole() {
    BuildPlan plan =
        plan("FROM base AS one", "RUN a", "RUN b", "FROM base", "COPY --from=one /x /x", "RUN c");

    assertThat(plan.stages()).hasSize(4);
    assertThat(plan.stages().get(2).steps().getFirst().step())
        .isEqualTo(
            new BuildStep.Copy(
                Optional.of(1), List.of("/x"), List.of(), "/x", "", "", BuildStep.Unpack.NONE));
    assertThat(plan.stages().get(3).base()).isEqualTo(new Base.Stage(2));
  }

  @Example
  void whatOnlyTheRecipeKnowsIsNotCutOff() {
    assertThat(plan("FROM base", "ARG A=$PATH", "RUN a", "RUN b").stages()).hasSize(1);
    assertThat(plan("FROM base", "CMD a", "RUN a", "ENTRYPOINT b").stages()).hasSize(1);
    assertThat(plan("FROM base", "RUN a", "LABEL a=b").stages()).hasSize(1);
  }

  private static Digest digest(int number) {
    return new Digest("%064x".formatted(number));
  }

  private static <V> Map<String, V> shuffled(Map<String, V> map, Random random) {
    List<String> keys = new ArrayList<>(map.keySet());
    Collections.shuffle(keys, random);
    Map<String, V> result = new LinkedHashMap<>();
    for (String key : keys) {
      V value = map.get(key);
      if (value != null) {
        result.put(key, value);
      }
    }
    return result;
  }
}
