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
  private final BaseProvider remembered;
  private final List<BaseProvider> providers;
  private final Function<Credentials, List<BaseProvider>> withLogin;

  /// @param remembered knows what was looked up lately, and is asked first
  /// @param providers in the order in which they are asked then
  /// @param withLogin those who are asked instead by a build that brings a login: what one may read
  ///   is not for another without, so nobody among them remembers anything
  public BaseImages(
      BaseProvider remembered,
      List<BaseProvider> providers,
      Function<Credentials, List<BaseProvider>> withLogin) {
    this.remembered = remembered;
    this.providers = List.copyOf(providers);
    this.withLogin = withLogin;
  }

  /// @param anew whether to look up what the reference means now, however lately that was done
  /// @param login for the registry, where it wants one
  /// @throws SlipwayException of kind `NOT_FOUND` when nobody has the image, with the reasons
  public BaseImage require(
      String reference, boolean anew, Optional<Credentials> login, BuildLog log)
      throws IOException, InterruptedException {
    List<String> reasons = new ArrayList<>();
    for (BaseProvider provider : asked(anew, login)) {
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
        "nobody can supply the base image '%s': %s A registry that has it can be named in SLIPWAY_REGISTRY_MIRRORS of the worker."
            .formatted(reference, String.join(" ", reasons)));
  }

  private List<BaseProvider> asked(boolean anew, Optional<Credentials> login) {
    if (login.isPresent()) {
      return withLogin.apply(login.get());
    }
    List<BaseProvider> asked = new ArrayList<>(anew ? List.of() : List.of(remembered));
    asked.addAll(providers);
    return asked;
  }
}
