package dev.slipway.worker.base;

import dev.slipway.images.python.Interpreter;
import dev.slipway.images.python.Interpreters;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.Layer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Stand-ins for Docker Hub's `debian` and `python` images, made on the spot: a Debian root from a
/// Debian mirror, and a Python of this machine, else the release's own.
public final class LocalBases implements BaseProvider {
  private final DebianRoots debians;
  private final PythonLayers pythons;
  private final Interpreters interpreters;

  public LocalBases(DebianRoots debians, PythonLayers pythons, Interpreters interpreters) {
    this.debians = debians;
    this.pythons = pythons;
    this.interpreters = interpreters;
  }

  @Override
  public Answer provide(String reference, BuildLog log) throws IOException, InterruptedException {
    Optional<LocalReference> found = LocalReference.find(reference);
    if (found.isEmpty()) {
      return new Answer.Passed(
          "'%s' cannot be made on this machine: only Debian's and Python's images of bullseye, bookworm and trixie can."
              .formatted(reference));
    }
    LocalReference wanted = found.get();
    if (wanted.python().isEmpty()) {
      return debian(reference, wanted.suite(), log);
    }
    String version = wanted.python().get();
    Optional<Interpreter> interpreter = interpreters.find(version, wanted.suite().glibcMinor());
    if (interpreter.isPresent()) {
      return copied(reference, wanted.suite(), interpreter.get(), log);
    }
    String minor = Interpreters.minorOf(version);
    if (minor.isEmpty() || minor.equals(wanted.suite().pythonMinor())) {
      return ofRelease(reference, wanted.suite(), log);
    }
    throw new SlipwayException(
        ErrorKind.NOT_FOUND,
        "nothing on this machine can supply Python %s for '%s'; on Debian %s there are %s"
            .formatted(version, reference, wanted.suite().codename(), available(wanted.suite())));
  }

  /// The Python versions that can be had on a release, for people.
  String available(DebianSuite suite) {
    Stream<String> own = Stream.of(suite.pythonMinor() + " (Debian's own)");
    Stream<String> copied =
        interpreters.list().stream()
            .filter(one -> one.runsOn(suite.glibcMinor()))
            .map(Interpreter::version);
    return Stream.concat(copied, own).distinct().collect(Collectors.joining(", "));
  }

  private Answer debian(String reference, DebianSuite suite, BuildLog log)
      throws IOException, InterruptedException {
    Layer debian = debians.require(suite, log);
    ImageConfig config =
        new ImageConfig(
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            "",
            List.of(),
            List.of("bash"),
            List.of(),
            "");
    String description = "Debian %d made on this machine".formatted(suite.number());
    return new Answer.Provided(
        new BaseImage(List.of(debian.id()), config, description + " (" + debian.id() + ")"),
        "For '%s' stands in %s.".formatted(reference, description));
  }

  private Answer copied(String reference, DebianSuite suite, Interpreter interpreter, BuildLog log)
      throws IOException, InterruptedException {
    Layer debian = debians.require(suite, log);
    Layer python = pythons.copied(interpreter, suite, debian, log);
    return answer(
        reference,
        "Debian %d with Python %s of this machine".formatted(suite.number(), interpreter.version()),
        List.of(debian, python),
        interpreter.version());
  }

  private Answer ofRelease(String reference, DebianSuite suite, BuildLog log)
      throws IOException, InterruptedException {
    Layer debian = debians.require(suite, log);
    Layer python = pythons.ofRelease(suite, debian, log);
    return answer(
        reference,
        "Debian %d with its own Python %s".formatted(suite.number(), suite.pythonMinor()),
        List.of(debian, python),
        suite.pythonMinor());
  }

  private static Answer answer(
      String reference, String description, List<Layer> layers, String version) {
    String ids = layers.stream().map(layer -> layer.id().value()).collect(Collectors.joining(", "));
    BaseImage image =
        new BaseImage(
            layers.stream().map(Layer::id).toList(),
            PythonLayers.config(version),
            "%s (%s)".formatted(description, ids));
    return new Answer.Provided(image, "For '%s' stands in %s.".formatted(reference, description));
  }
}
