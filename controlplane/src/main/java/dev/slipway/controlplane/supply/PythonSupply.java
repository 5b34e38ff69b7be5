package dev.slipway.controlplane.supply;

import dev.slipway.content.ContentStore;
import dev.slipway.content.Upload;
import dev.slipway.content.files.Trees;
import dev.slipway.controlplane.mount.MountFile;
import dev.slipway.images.python.Interpreter;
import dev.slipway.images.python.Interpreters;
import dev.slipway.images.python.PortablePython;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Pythons for images that have none. Clients ask for builds of a project by their releases; what
/// they get are this machine's own interpreters of the same minor version, made portable.
final class PythonSupply {
  static final String CLIENTS_NAME = "python-build-standalone.";

  private static final String OWN_NAME = "slipway-python-";

  /// Raised when the way of making them changes.
  private static final String RECIPE = "1";

  private static final Pattern NAME =
      Pattern.compile(
          Pattern.quote(CLIENTS_NAME) + "(\\d{8})\\.(3\\.\\d{1,2})\\.(\\d{1,3}t?)-[a-z]+");

  /// Recipes for releases before this one make the link `python` themselves, and may not find one.
  private static final String FIRST_WITH_LINK = "20241008";

  /// Where recipes copy it from.
  private static final String DIRECTORY = "/python/";

  private static final int BUFFER_BYTES = 64 << 10;

  private final ContentStore content;
  private final Path workDirectory;
  private final Interpreters interpreters;

  PythonSupply(ContentStore content, Path workDirectory, Interpreters interpreters) {
    this.content = content;
    this.workDirectory = workDirectory;
    this.interpreters = interpreters;
  }

  /// A Python that can be supplied.
  ///
  /// @param link whether it can be called as `python`, too
  record Donor(Interpreter interpreter, boolean link) {
    String name() {
      return "%s%s-%s-%s%s"
          .formatted(
              OWN_NAME,
              interpreter.version(),
              Integer.toHexString(interpreter.directory().hashCode()),
              RECIPE,
              link ? "" : "-unlinked");
    }
  }

  /// What stands in for a build that a client names.
  ///
  /// @throws SlipwayException of kind `NOT_FOUND` when nothing can, with what there is
  Donor require(String name) {
    Matcher matcher = NAME.matcher(name);
    Optional<Interpreter> found =
        matcher.matches() && !matcher.group(3).endsWith("t")
            ? interpreters.find(matcher.group(2) + "." + matcher.group(3), Integer.MAX_VALUE)
            : Optional.empty();
    return found
        .map(
            interpreter -> new Donor(interpreter, matcher.group(1).compareTo(FIRST_WITH_LINK) >= 0))
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND,
                "no Python of this server's machine can stand in for '%s'; there are %s (others can be installed with pyenv or uv, or named in SLIPWAY_INTERPRETERS)"
                    .formatted(name, available())));
  }

  private String available() {
    String all =
        interpreters.list().stream()
            .map(Interpreter::version)
            .distinct()
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "none" : all;
  }

  /// What a mount of this name holds, for people; empty for other mounts than these.
  static Optional<String> describe(String mountName) {
    return mountName.startsWith(OWN_NAME)
        ? Optional.of(
            "The Python that is added is %s, copied from this server's machine."
                .formatted(mountName.substring(OWN_NAME.length()).replaceFirst("-.*", "")))
        : Optional.empty();
  }

  /// The files of a portable copy.
  List<MountFile> files(Donor donor) {
    try {
      Files.createDirectories(workDirectory);
      Path directory = Files.createTempDirectory(workDirectory, "python");
      try {
        PortablePython.make(donor.interpreter(), directory);
        if (!donor.link()) {
          Files.deleteIfExists(directory.resolve("bin/python"));
        }
        return store(directory);
      } finally {
        Trees.delete(directory);
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "Python %s cannot be copied from %s: %s"
              .formatted(
                  donor.interpreter().version(), donor.interpreter().directory(), e.getMessage()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "copying a Python was interrupted", e);
    }
  }

  /// Links become what they lead to: mounts have files only.
  private List<MountFile> store(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> all = Files.walk(directory)) {
      paths = all.filter(Files::isRegularFile).filter(path -> !isSecondName(path)).toList();
    }
    List<MountFile> files = new ArrayList<>(paths.size());
    for (Path path : paths) {
      files.add(store(path, DIRECTORY + directory.relativize(path)));
    }
    return files;
  }

  /// The name of a library for compilers: the library as a whole once more would be large.
  private static boolean isSecondName(Path path) {
    return Files.isSymbolicLink(path) && path.toString().endsWith(".so");
  }

  private MountFile store(Path file, String path) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    try (Upload upload = content.begin();
        InputStream in = Files.newInputStream(file)) {
      int count;
      while ((count = in.read(buffer)) >= 0) {
        upload.append(ByteBuffer.wrap(buffer, 0, count));
      }
      long size = upload.length();
      int mode = Files.isExecutable(file) ? 0755 : MountFile.DEFAULT_MODE;
      return new MountFile(path, upload.commit(), size, mode);
    }
  }
}
