package dev.slipway.images.plan;

import dev.slipway.images.recipe.Recipe;
import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.images.recipe.References;
import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageId;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// What is to be built for a recipe: a layer for each step of its stages that changes files, the
/// last one for the image.
///
/// @param stages one for each layer, behind those that it refers to
public record BuildPlan(List<Stage> stages) {
  /// Raised when the meaning of a recipe changes, so that no layer of the old meaning is found.
  private static final String KEY_FORMAT = "slipway-layer-3";

  private static final String FUNCTION_KEY_FORMAT = "slipway-function-layer-1";

  public BuildPlan {
    stages = List.copyOf(stages);
  }

  /// One layer to build. A stage without steps makes none: it stands for its base.
  ///
  /// @param key what the layer depends on, and nothing else: equal keys make equal layers
  public record Stage(Digest key, Base base, List<RecipeStep> steps) {
    public Stage {
      steps = List.copyOf(steps);
    }
  }

  /// What the client says around the lines of a recipe.
  ///
  /// @param builderVersion the client's image builder version, such as `2025.06`
  /// @param parents images by the names under which the recipe refers to them
  /// @param gpu what kind of accelerator the steps run on; empty for none
  /// @param secrets names of the variables that secrets set for commands
  public record Surroundings(
      String builderVersion,
      Map<String, ImageId> parents,
      BuildContext context,
      String gpu,
      SortedSet<String> secrets) {
    public Surroundings {
      parents = Map.copyOf(parents);
      secrets = Collections.unmodifiableSortedSet(new TreeSet<>(secrets));
    }
  }

  /// The layer of the image itself.
  public Stage image() {
    return stages.getLast();
  }

  public Digest key() {
    return image().key();
  }

  /// The stages before the image's own.
  public List<Stage> earlier() {
    return stages.subList(0, stages.size() - 1);
  }

  /// Plans the layers of a recipe. Build arguments are part of the steps that declare them; of the
  /// context those files count that a step can see, and secrets only where one runs a command. Of
  /// secrets the names of their variables count: their values would be in the key then, and their
  /// ids may be others in every run.
  ///
  /// @throws SlipwayException INVALID when the recipe starts from `base` and no such parent is
  ///   given
  public static BuildPlan of(
      String builderVersion,
      Recipe recipe,
      Map<String, ImageId> parents,
      BuildContext context,
      String gpu,
      SortedSet<String> secrets) {
    Surroundings surroundings = new Surroundings(builderVersion, parents, context, gpu, secrets);
    List<Stage> planned = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (Recipe.Stage stage : recipe.stages()) {
      Base base = moved(base(stage.start(), surroundings.parents()), places);
      if (stage.steps().isEmpty()) {
        planned.add(plan(base, List.of(), surroundings, planned));
      }
      for (List<RecipeStep> part : StageParts.of(stage.steps())) {
        List<RecipeStep> steps =
            part.stream()
                .map(step ->
                    new RecipeStep(
                        step.number(), step.source(), References.moved(step.step(), places::get)))
                .toList();
        planned.add(plan(base, steps, surroundings, planned));
        base = new Base.Stage(planned.size() - 1);
      }
      places.add(planned.size() - 1);
    }
    return new BuildPlan(planned);
  }

  private static Base moved(Base base, List<Integer> places) {
    return base instanceof Base.Stage stage ? new Base.Stage(places.get(stage.index())) : base;
  }

  /// Plans the layer that a function makes.
  ///
  /// @param parts what the function is and is called with
  /// @throws SlipwayException INVALID when no image is given on which it runs
  public static BuildPlan ofFunction(
      String builderVersion, Map<String, ImageId> parents, List<Digest> parts) {
    Base base = base(new Recipe.Start.Image("base"), parents);
    LayerKey key = new LayerKey(FUNCTION_KEY_FORMAT);
    key.add(builderVersion).add(parents.getOrDefault("base", new ImageId("im-none")).value());
    parts.forEach(part -> key.add(part.hex()));
    return new BuildPlan(List.of(new Stage(key.digest(), base, List.of())));
  }

  private static Stage plan(
      Base base, List<RecipeStep> steps, Surroundings surroundings, List<Stage> earlier) {
    LayerKey key = new LayerKey(KEY_FORMAT);
    key.add(surroundings.builderVersion());
    switch (base) {
      case Base.Reference reference -> key.add("reference").add(reference.name());
      case Base.Parent parent -> key.add("parent").add(parent.image().value());
      case Base.Stage before -> key.add("stage").add(earlier.get(before.index()).key().hex());
    }
    key.add(surroundings.gpu());
    List<BuildStep> effective =
        steps.stream()
            .map(RecipeStep::step)
            .filter(step -> !(step instanceof BuildStep.Note))
            .toList();
    key.add(effective.size());
    effective.forEach(step -> key.add(step, place -> earlier.get(place).key().hex()));
    List<String> sources = effective.stream().flatMap(References::contextSources).toList();
    if (!sources.isEmpty()) {
      addContext(key, sources, surroundings.context());
    }
    boolean runs = effective.stream().anyMatch(BuildStep.Run.class::isInstance);
    if (runs && !surroundings.secrets().isEmpty()) {
      key.add("secrets").add(surroundings.secrets().size());
      surroundings.secrets().forEach(key::add);
    }
    return new Stage(key.digest(), base, steps);
  }

  /// Adds the files that the steps can see, and no others.
  private static void addContext(LayerKey key, List<String> sources, BuildContext context) {
    List<ContextPattern> patterns = sources.stream().map(ContextPattern::new).toList();
    context
        .files()
        .forEach((path, file) -> {
          if (patterns.stream().anyMatch(pattern -> pattern.sees(path))) {
            key.add(path).add(file.digest().hex()).add(file.mode());
          }
        });
    key.add("end of files");
  }

  private static Base base(Recipe.Start start, Map<String, ImageId> parents) {
    return switch (start) {
      case Recipe.Start.Earlier earlier -> new Base.Stage(earlier.stage());
      case Recipe.Start.Image image -> {
        ImageId parent = parents.get(image.name());
        if (parent != null) {
          yield new Base.Parent(parent);
        }
        if (image.name().equals("base")) {
          throw new SlipwayException(
              ErrorKind.INVALID,
              "the image's recipe starts with FROM base, and the request names no image for it");
        }
        yield new Base.Reference(image.name());
      }
    };
  }
}
