package dev.slipway.images.plan;

import dev.slipway.images.recipe.RecipeStep;
import dev.slipway.model.BuildStep;
import java.util.ArrayList;
import java.util.List;

/// Cuts the steps of a stage into parts, each of which becomes a layer: after every step that
/// changes files, so that a change of one step leaves those before it as they are.
///
/// A part begins with what earlier ones said and only a recipe knows: the build arguments. Where
/// that cannot be said again (an argument that is made of other variables, a command that a later
/// ENTRYPOINT would drop) the stage is not cut any further.
final class StageParts {
  /// Most layers of one stage: every layer makes the root file systems above it a little slower.
  private static final int MOST = 32;

  private final List<List<RecipeStep>> parts = new ArrayList<>();
  private final List<RecipeStep> repeated = new ArrayList<>();
  private List<RecipeStep> current = new ArrayList<>();
  private boolean divisible = true;

  private StageParts() {}

  /// The parts in their order; steps that are there again have the number 0.
  static List<List<RecipeStep>> of(List<RecipeStep> steps) {
    StageParts cut = new StageParts();
    steps.forEach(cut::add);
    return cut.end();
  }

  private void add(RecipeStep step) {
    current.add(step);
    switch (step.step()) {
      case BuildStep.Arguments arguments -> {
        divisible &= arguments.values().values().stream().noneMatch(StageParts::isTemplate);
        repeated.add(new RecipeStep(0, step.source(), arguments));
      }
      case BuildStep.Command _ -> divisible = false;
      case BuildStep.Run _, BuildStep.Copy _ -> {
        if (divisible && parts.size() < MOST - 1) {
          parts.add(current);
          current = new ArrayList<>(repeated);
        }
      }
      case BuildStep.Environment _,
          BuildStep.WorkingDirectory _,
          BuildStep.Entrypoint _,
          BuildStep.Shell _,
          BuildStep.User _,
          BuildStep.Note _ -> {
        // They are part of what the image says of itself, which goes from layer to layer.
      }
    }
  }

  private static boolean isTemplate(String value) {
    return value.contains("$") || value.contains("\\");
  }

  private List<List<RecipeStep>> end() {
    List<RecipeStep> rest = current.stream().filter(step -> step.number() > 0).toList();
    boolean says = rest.stream().anyMatch(step -> !(step.step() instanceof BuildStep.Note));
    if (says || parts.isEmpty()) {
      parts.add(current);
    } else {
      parts.getLast().addAll(rest);
    }
    return parts;
  }
}
