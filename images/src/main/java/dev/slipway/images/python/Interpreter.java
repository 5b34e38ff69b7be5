package dev.slipway.images.python;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A directory with a whole Python, as pyenv, uv and python-build-standalone make them: it is the
/// Python's prefix and can be copied to another one.
///
/// @param directory with `bin`, `lib` and `include`
/// @param minor such as `3.11`
/// @param patch third part of its version
/// @param glibcMinor `n` of the oldest C library 2.n that it runs with
public record Interpreter(Path directory, String minor, int patch, int glibcMinor) {
  /// Older ones first.
  static final Comparator<Interpreter> BY_VERSION =
      Comparator.comparingInt(Interpreter::minorNumber).thenComparingInt(Interpreter::patch);

  private static final Pattern EXECUTABLE = Pattern.compile("python3\\.(\\d+)");
  private static final Pattern VERSION =
      Pattern.compile("#define\\s+PY_VERSION\\s+\"3\\.(\\d+)\\.(\\d+)([^\"]*)\"");
  private static final String GLIBC = "GLIBC_2.";
  private static final int BUFFER_BYTES = 1 << 20;
  private static final int OVERLAP_BYTES = 32;

  public String version() {
    return minor + "." + patch;
  }

  int minorNumber() {
    return Integer.parseInt(minor.substring("3.".length()));
  }

  /// Whether it starts with the C library 2.n.
  public boolean runsOn(int systemGlibcMinor) {
    return glibcMinor <= systemGlibcMinor;
  }

  /// Looks at a directory without starting anything. Empty when it holds no released Python 3 that
  /// could be copied.
  static Optional<Interpreter> find(Path directory) {
    try {
      Path real = directory.toRealPath();
      Path bin = real.resolve("bin");
      if (!Files.isDirectory(bin)) {
        return Optional.empty();
      }
      String name;
      try (Stream<Path> programs = Files.list(bin)) {
        Optional<String> found =
            programs
                .filter(Files::isRegularFile)
                .map(program -> program.getFileName().toString())
                .filter(program -> EXECUTABLE.matcher(program).matches())
                .findFirst();
        if (found.isEmpty()) {
          return Optional.empty();
        }
        name = found.get();
      }
      Path header = real.resolve("include").resolve(name).resolve("patchlevel.h");
      // A virtual environment has no headers of its own.
      if (!Files.isRegularFile(header)) {
        return Optional.empty();
      }
      Matcher matcher = VERSION.matcher(Files.readString(header, StandardCharsets.UTF_8));
      if (!matcher.find() || !matcher.group(3).isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new Interpreter(
              real,
              "3." + matcher.group(1),
              Integer.parseInt(matcher.group(2)),
              glibcOf(real, name)));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// The newest version of the C library that the interpreter's program and library ask for.
  private static int glibcOf(Path directory, String name) throws IOException {
    int newest = glibcOf(directory.resolve("bin").resolve(name));
    try (Stream<Path> libraries = Files.list(directory.resolve("lib"))) {
      List<Path> shared =
          libraries
              .filter(path -> path.getFileName().toString().startsWith("lib" + name + ".so."))
              .filter(Files::isRegularFile)
              .toList();
      for (Path library : shared) {
        newest = Math.max(newest, glibcOf(library));
      }
    }
    return newest;
  }

  private static int glibcOf(Path binary) throws IOException {
    int newest = 0;
    byte[] buffer = new byte[BUFFER_BYTES];
    int kept = 0;
    try (InputStream in = Files.newInputStream(binary)) {
      for (int read; (read = in.read(buffer, kept, buffer.length - kept)) > 0; ) {
        int length = kept + read;
        String text = new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
        for (int at = text.indexOf(GLIBC); at >= 0; at = text.indexOf(GLIBC, at + 1)) {
          newest = Math.max(newest, numberAt(text, at + GLIBC.length()));
        }
        // A name may lie across two reads.
        kept = Math.min(OVERLAP_BYTES, length);
        System.arraycopy(buffer, length - kept, buffer, 0, kept);
      }
    }
    return newest;
  }

  private static int numberAt(String text, int start) {
    int end = start;
    while (end < text.length() && end < start + 3 && Character.isDigit(text.charAt(end))) {
      end++;
    }
    return end == start ? 0 : Integer.parseInt(text.substring(start, end));
  }
}
