package dev.slipway.images.recipe;

/// Text that stands in a recipe behind the instruction that uses it.
///
/// @param name the word that ends it
/// @param quoted whether variables in it are left alone
/// @param text its lines, each ended by a newline
record Heredoc(String name, boolean quoted, String text) {}
