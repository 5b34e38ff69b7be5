package dev.slipway.worker.rootfs;

import dev.slipway.worker.rootfs.LayeredView.Entry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds out which Python an image runs, from the names of its files alone.
///
/// @param minor such as `3.11`
/// @param executable where the interpreter is in the container, without symbolic links
public record PythonTag(String minor, String executable) {
  /// Where programs are looked for when an image sets no `PATH`.
  static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final Pattern NAME = Pattern.compile("python(3\\.\\d+)");

  /// The Python that `python`, else `python3`, means in an image; empty when there is none or when
  /// its name does not tell its version.
  ///
  /// @param searchPath value of the image's `PATH`; empty for the usual one
  public static Optional<PythonTag> find(LayeredView image, String searchPath) throws IOException {
    for (String name : List.of("python", "python3")) {
      Optional<Entry> program = findProgram(image, searchPath, name);
      if (program.isPresent()) {
        String path = program.get().path();
        Matcher matcher = NAME.matcher(path.substring(path.lastIndexOf('/') + 1));
        return matcher.matches()
            ? Optional.of(new PythonTag(matcher.group(1), path))
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /// The file that a program's name leads to.
  public static Optional<Entry> findProgram(LayeredView image, String searchPath, String name)
      throws IOException {
    return program(image, searchPath, name).map(Program::file);
  }

  /// The path by which a program is found, which may be that of a symbolic link: a virtual
  /// environment knows itself by it.
  public static Optional<String> place(LayeredView image, String searchPath, String name)
      throws IOException {
    return program(image, searchPath, name).map(Program::path);
  }

  private record Program(String path, Entry file) {}

  private static Optional<Program> program(LayeredView image, String searchPath, String name)
      throws IOException {
    for (String directory : (searchPath.isEmpty() ? DEFAULT_PATH : searchPath).split(":")) {
      if (directory.startsWith("/")) {
        String path = directory + "/" + name;
        Optional<Entry> program = image.resolve(path);
        if (program.isPresent() && program.get().attributes().isRegularFile()) {
          return Optional.of(new Program(path, program.get()));
        }
      }
    }
    return Optional.empty();
  }
}
