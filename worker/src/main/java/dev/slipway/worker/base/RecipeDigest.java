package dev.slipway.worker.base;

import dev.slipway.model.Digest;
import java.nio.charset.StandardCharsets;

/// A short name for everything that a locally made layer depends on.
final class RecipeDigest {
  private static final int HEX_DIGITS = 16;

  private RecipeDigest() {}

  static String of(String recipe) {
    return Digest.sha256(recipe.getBytes(StandardCharsets.UTF_8)).hex().substring(0, HEX_DIGITS);
  }
}
