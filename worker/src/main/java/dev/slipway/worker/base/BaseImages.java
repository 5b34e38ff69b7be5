package dev.slipway.worker.base;

import dev.slipway.images.registry.RegistrySettings.Credentials;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.base.BaseProvider.Answer;
import dev.slipway.worker.layer.BuildLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Base images by reference, from the first of several providers that has one. Each of them says in
/// the build log what it did or why it passed.
public final class BaseImages {
  private final List<BaseProvider> providers;
  private final Function<Credentials, List<BaseProvider>> withLogin;

  /// @param providers in the order in which they are asked
  /// @param withLogin those who are asked instead by a build that brings a login: what one may read
  ///   is not for another without, so nobody among them remembers anything
  public BaseImages(
      List<BaseProvider> providers, Function<Credentials, List<BaseProvider>> withLogin) {
    this.providers = List.copyOf(providers);
    this.withLogin = withLogin;
  }

  /// @param login for the registry, where it wants one
  /// @throws SlipwayException of kind `NOT_FOUND` when nobody has the image, with the reasons
  public BaseImage require(String reference, Optional<Credentials> login, BuildLog log)
      throws IOException, InterruptedException {
    List<String> reasons = new ArrayList<>();
    for (BaseProvider provider : login.map(withLogin).orElse(providers)) {
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
