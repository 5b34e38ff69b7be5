package dev.slipway.worker.base;

import dev.slipway.images.registry.RegistryLogin;
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
  private final List<BaseProvider> usual;
  private final List<BaseProvider> anew;
  private final Function<RegistryLogin, List<BaseProvider>> withLogin;

  /// Each list in the order in which they are asked.
  ///
  /// @param usual among them who knows what was looked up lately
  /// @param anew those who are asked by a build that wants to know what a reference means now
  /// @param withLogin those who are asked by a build that brings a login: what one may read is not
  ///   for another without, so nobody among them remembers anything
  public BaseImages(
      List<BaseProvider> usual,
      List<BaseProvider> anew,
      Function<RegistryLogin, List<BaseProvider>> withLogin) {
    this.usual = List.copyOf(usual);
    this.anew = List.copyOf(anew);
    this.withLogin = withLogin;
  }

  /// @param anew whether to look up what the reference means now, however lately that was done
  /// @param login for the registry, where it wants one
  /// @throws SlipwayException of kind `NOT_FOUND` when nobody has the image, with the reasons of
  ///   those who should have it
  public BaseImage require(
      String reference, boolean anew, Optional<RegistryLogin> login, BuildLog log)
      throws IOException, InterruptedException {
    List<String> reasons = new ArrayList<>();
    List<BaseProvider> asked =
        login.isPresent() ? withLogin.apply(login.get()) : anew ? this.anew : usual;
    for (BaseProvider provider : asked) {
      Answer answer = provider.provide(reference, log);
      log.say(answer.sentence());
      switch (answer) {
        case Answer.Provided provided -> {
          return provided.image();
        }
        case Answer.Failed failed -> reasons.add(failed.reason());
        case Answer.Passed _ -> {
          // The log says why.
        }
      }
    }
    throw new SlipwayException(
        ErrorKind.NOT_FOUND,
        "the base image '%s' cannot be had%s; one of a registry within reach was expected"
            .formatted(reference, reasons.isEmpty() ? "" : ": " + String.join("; ", reasons)));
  }
}
