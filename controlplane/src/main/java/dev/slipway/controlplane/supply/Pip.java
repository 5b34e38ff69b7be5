package dev.slipway.controlplane.supply;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wheels from the Python package index, by the pip of this machine and as it is configured there.
final class Pip implements WheelSource {
  /// How long one run of pip may take.
  static final Duration MAX_RUN = Duration.ofMinutes(10);

  /// A Python that every supported client runs on: pip looks for releases of the client as if for
  /// it, whatever Python it runs on itself.
  private static final String CLIENT_PYTHON = "3.12";

  /// From the one that the packages are named after to the older ones, which run everywhere too;
  /// then newer ones that every base image of the supported builders can still load, for packages
  /// that come in no older form.
  private static final List<String> PLATFORMS =
      List.of(
          "manylinux_2_17_x86_64",
          "manylinux2014_x86_64",
          "manylinux_2_12_x86_64",
          "manylinux2010_x86_64",
          "manylinux_2_5_x86_64",
          "manylinux1_x86_64",
          "manylinux_2_24_x86_64",
          "manylinux_2_26_x86_64",
          "manylinux_2_27_x86_64",
          "manylinux_2_28_x86_64",
          "manylinux_2_31_x86_64");

  private static final Pattern NO_RELEASE =
      Pattern.compile(
          "Could not find a version that satisfies the requirement "
              + "([A-Za-z0-9._-]+)==(\\S+) \\(from versions: ([^)]*)\\)");

  private static final Logger log = LoggerFactory.getLogger(Pip.class);

  private final Supplier<Path> python;

  /// @param python asked at every run for an interpreter that has pip
  Pip(Supplier<Path> python) {
    this.python = python;
  }

  @Override
  public List<Path> fetchPure(List<String> requirements, Path target) {
    Outcome outcome =
        run(
            List.of("--implementation", "py", "--abi", "none", "--platform", "any"),
            CLIENT_PYTHON,
            requirements,
            target);
    if (outcome.status() != 0) {
      throw failure(String.join(" and ", requirements), outcome);
    }
    return wheels(target);
  }

  @Override
  public List<Path> fetchPinned(List<Pin> pins, PythonVersion version, Path target) {
    List<String> options = new ArrayList<>(List.of("--implementation", "cp"));
    PLATFORMS.forEach(platform -> options.addAll(List.of("--platform", platform)));
    List<Pin> wanted = new ArrayList<>(pins);
    // Each round replaces one pin by another release, and no pin is replaced twice.
    for (int round = 0; round <= pins.size(); round++) {
      List<String> requirements = wanted.stream().map(Pin::toString).toList();
      Outcome outcome = run(options, version.toString(), requirements, target);
      if (outcome.status() == 0) {
        return wheels(target);
      }
      if (!replaceMissing(wanted, pins, outcome)) {
        throw failure("the client's dependencies for Python " + version, outcome);
      }
    }
    throw new SlipwayException(
        ErrorKind.NOT_FOUND,
        "the package index lacks most of the client's dependencies for Python " + version);
  }

  private static boolean replaceMissing(List<Pin> wanted, List<Pin> original, Outcome outcome) {
    Matcher matcher = NO_RELEASE.matcher(outcome.output());
    if (!matcher.find()) {
      return false;
    }
    List<String> available = List.of(matcher.group(3).split(",\\s*"));
    for (int i = 0; i < wanted.size(); i++) {
      Pin pin = wanted.get(i);
      if (pin.isOf(matcher.group(1)) && pin.equals(original.get(i))) {
        Optional<String> nearest = Releases.nearest(pin.version(), available);
        if (nearest.isEmpty()) {
          return false;
        }
        log.info("the package index has no {}: {} takes its place", pin, nearest.get());
        wanted.set(i, pin.withVersion(nearest.get()));
        return true;
      }
    }
    return false;
  }

  private Outcome run(
      List<String> options, String pythonVersion, List<String> requirements, Path target) {
    List<String> command = new ArrayList<>();
    command.add(python.get().toString());
    command.addAll(List.of("-m", "pip", "download", "--no-input", "--disable-pip-version-check"));
    command.addAll(List.of("--progress-bar", "off", "--no-deps", "--only-binary", ":all:"));
    command.addAll(List.of("--dest", target.toString(), "--python-version", pythonVersion));
    command.addAll(options);
    command.add("--");
    command.addAll(requirements);
    try {
      Path output = Files.createTempFile(target, "pip", ".log");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        return new Outcome(waitFor(process), Files.readString(output));
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "pip could not be run: " + e.getMessage(), e);
    }
  }

  private static int waitFor(Process process) {
    try {
      if (process.waitFor(MAX_RUN.toSeconds(), TimeUnit.SECONDS)) {
        return process.exitValue();
      }
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "pip did not finish within " + MAX_RUN.toMinutes() + " minutes and was stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "the run of pip was interrupted", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static SlipwayException failure(String what, Outcome outcome) {
    // With an index that does not answer, pip says that it knows no versions at all.
    boolean absent =
        outcome.output().contains("No matching distribution found")
            && !outcome.output().contains("(from versions: none)");
    return new SlipwayException(
        absent ? ErrorKind.NOT_FOUND : ErrorKind.UNAVAILABLE,
        "pip could not fetch %s from the package index: %s".formatted(what, outcome.lastLine()));
  }

  private static List<Path> wheels(Path target) {
    List<Path> wheels = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(target, "*.whl")) {
      files.forEach(wheels::add);
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "what pip fetched cannot be read: " + e.getMessage(), e);
    }
    wheels.sort(null);
    return wheels;
  }

  private record Outcome(int status, String output) {
    String lastLine() {
      return output
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .reduce((first, second) -> second)
          .orElse("it ended with status " + status + " and said nothing");
    }
  }
}
