package dev.slipway.images.plan;

import dev.slipway.model.ImageId;

/// Where a build starts.
public sealed interface Base {
  /// A name for the base image providers, such as `python:3.11.12-slim-bookworm` or `scratch`.
  record Reference(String name) implements Base {}

  /// An image that was built here before. Its id stands for its contents.
  record Parent(ImageId image) implements Base {}

  /// What an earlier stage of the same plan made.
  ///
  /// @param index its place in [BuildPlan#stages]
  record Stage(int index) implements Base {}
}
