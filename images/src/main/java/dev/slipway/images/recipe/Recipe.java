package dev.slipway.images.recipe;

import java.util.List;

/// An image recipe: where it starts, and the steps from there.
///
/// @param base the name behind FROM, such as `python:3.11.12-slim-bookworm`, `base` or `scratch`
public record Recipe(String base, List<RecipeStep> steps) {
  public Recipe {
    steps = List.copyOf(steps);
  }
}
