package dev.slipway.worker.base;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.Resources;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.container.ContainerSpec;
import dev.slipway.worker.container.ContainerSpec.Bind;
import dev.slipway.worker.container.ContainerSpec.Network;
import dev.slipway.worker.container.Exit;
import dev.slipway.worker.layer.BuildLog;
import dev.slipway.worker.layer.Layer;
import dev.slipway.worker.layer.LayerCommand;
import dev.slipway.worker.layer.LayerId;
import dev.slipway.worker.layer.LayerStaging;
import dev.slipway.worker.layer.LayerStore;
import dev.slipway.worker.layer.SharedMaking;
import dev.slipway.worker.machine.Ownership;
import dev.slipway.worker.rootfs.OverlayRoots;
import dev.slipway.worker.rootfs.RootFilesystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Stand-ins for the image of uv, from which the client's recipes copy the program: made of the
/// package of the same version in the Python package index, when no registry has the image.
public final class UvImages implements BaseProvider {
  /// Longest time that making one takes.
  static final Duration LIMIT = Duration.ofMinutes(10);

  private static final Pattern REFERENCE =
      Pattern.compile("ghcr\\.io/astral-sh/uv(?::(latest|\\d+(?:\\.\\d+){0,2}))?");

  /// Any image with pip will do.
  private static final String PYTHON = "python:slim-bookworm";

  private static final List<String> PROGRAMS = List.of("uv", "uvx");
  private static final int PROGRAM_MODE = 0755;

  private final BaseProvider pythons;
  private final LayerStore layers;
  private final SharedMaking making;
  private final OverlayRoots roots;
  private final LayerCommand command;
  private final Clock clock;

  /// @param pythons provides an image with pip
  public UvImages(
      BaseProvider pythons,
      LayerStore layers,
      SharedMaking making,
      OverlayRoots roots,
      LayerCommand command,
      Clock clock) {
    this.pythons = pythons;
    this.layers = layers;
    this.making = making;
    this.roots = roots;
    this.command = command;
    this.clock = clock;
  }

  @Override
  public Answer provide(String reference, BuildLog log) throws IOException, InterruptedException {
    Matcher matcher = REFERENCE.matcher(reference);
    if (!matcher.matches()) {
      return new Answer.Passed("'" + reference + "' is not the image of uv.");
    }
    String tag = matcher.group(1) == null ? "latest" : matcher.group(1);
    boolean exact = tag.matches("\\d+\\.\\d+\\.\\d+");
    // What a tag means may change from day to day.
    String day = exact ? "" : "-" + LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    LayerId id = new LayerId("uv-" + tag + day);
    Layer layer = making.require(id, log, staging -> make(requirement(tag, exact), staging, log));
    ImageConfig config = new ImageConfig(Map.of(), "", List.of("/uv"), List.of(), List.of(), "");
    return new Answer.Provided(
        new BaseImage(List.of(layer.id()), config, "uv of the package index (" + id + ")"),
        "For '%s' stands in uv from the Python package index.".formatted(reference));
  }

  private static String requirement(String tag, boolean exact) {
    if (tag.equals("latest")) {
      return "uv";
    }
    return exact ? "uv==" + tag : "uv==" + tag + ".*";
  }

  private void make(String requirement, LayerStaging staging, BuildLog log)
      throws IOException, InterruptedException {
    Answer answer = pythons.provide(PYTHON, log);
    if (!(answer instanceof Answer.Provided(BaseImage python, _))) {
      throw new SlipwayException(ErrorKind.UNAVAILABLE, answer.sentence());
    }
    log.say("Installing " + requirement + " from the Python package index.");
    Path packages = Files.createDirectory(staging.directory().resolve("packages"));
    Ownership.giveToRoot(packages);
    List<Path> lowers =
        layers.requireAll(python.layers()).reversed().stream().map(Layer::diff).toList();
    try (RootFilesystem root = roots.mount("uv-" + UUID.randomUUID(), lowers)) {
      run(requirement, root, packages, python.config(), log);
    }
    for (String program : PROGRAMS) {
      Path installed = packages.resolve("bin").resolve(program);
      if (Files.isRegularFile(installed, NOFOLLOW_LINKS)) {
        Path kept =
            Files.move(installed, staging.diff().resolve(program), StandardCopyOption.ATOMIC_MOVE);
        Files.setAttribute(kept, "unix:mode", PROGRAM_MODE);
      }
    }
    Trees.delete(packages);
  }

  private void run(
      String requirement, RootFilesystem root, Path packages, ImageConfig config, BuildLog log)
      throws IOException, InterruptedException {
    ContainerSpec spec =
        ContainerSpec.of(
                "uv-" + UUID.randomUUID(),
                root.root(),
                List.of(
                    "python3",
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-compile",
                    "--no-deps",
                    "--root-user-action=ignore",
                    "--target",
                    "/packages",
                    requirement))
            .withEnvironment(config.environment())
            .withNetwork(Network.OUTBOUND)
            .withResources(new Resources(0, 0, 0, 0), 0)
            .withBind(new Bind(packages, "/packages", false));
    try {
      Exit exit = command.run(spec, log, LIMIT);
      if (exit.code() != 0) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE,
            "%s could not be installed: pip ended with exit code %d"
                .formatted(requirement, exit.code()));
      }
    } catch (TimeoutException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, requirement + " could not be installed: " + e.getMessage());
    }
  }
}
