package dev.slipway.worker.base;

import dev.slipway.worker.layer.BuildLog;
import java.io.IOException;

/// One of the ways to come by a base image.
public interface BaseProvider {
  /// What a provider has to say about a reference, with a sentence for the build log.
  sealed interface Answer {
    /// What it did, or why it passed.
    String sentence();

    /// Here is the image.
    record Provided(BaseImage image, String sentence) implements Answer {}

    /// It has no such images: somebody else must provide it.
    record Passed(String sentence) implements Answer {}

    /// It should have it, and could not provide it: somebody else may.
    ///
    /// @param reason without a full stop
    record Failed(String reference, String reason) implements Answer {
      @Override
      public String sentence() {
        return "'%s' was not pulled: %s.".formatted(reference, reason);
      }
    }
  }

  /// Provides the image, which may take minutes, or passes.
  ///
  /// @param reference as in the recipe's `FROM` line, such as `python:3.11.12-slim-bookworm`
  /// @throws dev.slipway.model.SlipwayException when nobody after it should be asked either, for
  ///   instance because a registry says that there is no such image
  Answer provide(String reference, BuildLog log) throws IOException, InterruptedException;
}
