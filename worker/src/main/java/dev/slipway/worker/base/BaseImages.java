package dev.slipway.worker.base;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.layer.BuildLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Base images by reference, from the first of several providers that has one. Each of them says in
/// the build log what it did or why it passed.
public final class BaseImages {
  private final List<BaseProvider> providers;

  /// @param providers in the order in which they are asked
  public BaseImages(List<BaseProvider> providers) {
    this.providers = List.copyOf(providers);
  }

  /// @throws SlipwayException of kind `NOT_FOUND` when nobody has the image, with the reasons
  public BaseImage require(String reference, BuildLog log)
      throws IOException, InterruptedException {
    List<String> reasons = new ArrayList<>();
    for (BaseProvider provider : providers) {
      Answer answer = provider.provide(reference, log);
      log.say(answer.sentence());
      switch (answer) {
        case Answer.Provided provided -> {
          return provided.image();
        }
        case Answer.Passed passed -> reasons.add(passed.sentence());
      }
    }
    throw new SlipwayException(
        ErrorKind.NOT_FOUND,
        "nobody can supply the base image '" + reference + "': " + String.join(" ", reasons));
  }
}
