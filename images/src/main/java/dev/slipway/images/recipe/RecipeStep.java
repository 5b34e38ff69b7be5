package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;

/// A step with its place in the recipe.
///
/// @param number counted from 1, without the FROM line; 0 for a step that is repeated for what it
///   says, and that no log shows
/// @param source the instruction as the user wrote it, continued lines joined, for the log
public record RecipeStep(int number, String source, BuildStep step) {}
