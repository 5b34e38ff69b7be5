package dev.slipway.images.recipe;

import java.util.List;

/// An image recipe: the stages that the image needs, each after those that it refers to. The last
/// one is the image; what others of the recipe are for, it does not say.
public record Recipe(List<Stage> stages) {
  public Recipe {
    stages = List.copyOf(stages);
  }

  /// A stage: where it starts, and the steps from there. One without steps stands for the image or
  /// stage that it starts from.
  ///
  /// @param name as it is called in messages: by the recipe, else by its number
  public record Stage(String name, Start start, List<RecipeStep> steps) {
    public Stage {
      steps = List.copyOf(steps);
    }
  }

  /// Where a stage starts.
  public sealed interface Start {
    /// A name such as `python:3.11.12-slim-bookworm`, `base` or `scratch`.
    record Image(String name) implements Start {}

    /// What an earlier stage made.
    ///
    /// @param stage its place in [Recipe#stages]
    record Earlier(int stage) implements Start {}
  }

  /// The image itself.
  public Stage image() {
    return stages.getLast();
  }

  /// The steps of the image itself.
  public List<RecipeStep> steps() {
    return image().steps();
  }
}
