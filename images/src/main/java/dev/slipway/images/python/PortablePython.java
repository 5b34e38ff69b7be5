package dev.slipway.images.python;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A copy of an interpreter that runs in images which know nothing of Python: with the libraries
/// that its modules need beside it, with pip, and with compiled bytecode. Of the image it needs the
/// C library alone.
public final class PortablePython {
  /// Longest time that one of its own commands takes.
  private static final long LIMIT_SECONDS = 600;

  /// Parts of the C library, which an image has in its own version.
  private static final Set<String> OF_THE_SYSTEM =
      Set.of(
          "libc.so.6",
          "libm.so.6",
          "libdl.so.2",
          "libpthread.so.0",
          "librt.so.1",
          "libutil.so.1",
          "libresolv.so.2",
          "ld-linux-x86-64.so.2");

  private static final List<Path> LIBRARY_PLACES =
      List.of(
          Path.of("/lib/x86_64-linux-gnu"),
          Path.of("/usr/lib/x86_64-linux-gnu"),
          Path.of("/lib64"),
          Path.of("/usr/lib64"),
          Path.of("/usr/local/lib"));

  /// Modules that are of no use in an image: those for windows, and those for Python's own tests.
  private static final String LEFT_OUT =
      "(_tkinter|_test\\w+|_ctypes_test|_xxtestfuzz|xxlimited\\w*)\\..*";

  private final Interpreter donor;
  private final Path directory;
  private final Path program;

  private PortablePython(Interpreter donor, Path directory) {
    this.donor = donor;
    this.directory = directory;
    this.program = directory.resolve("bin/python" + donor.minor());
  }

  /// Makes the copy; takes about half a minute.
  ///
  /// @param directory an empty one, which stands for [PythonCopy#PREFIX]
  /// @throws SlipwayException of kind `UNAVAILABLE` when the interpreter cannot be copied
  public static void make(Interpreter donor, Path directory)
      throws IOException, InterruptedException {
    new PythonCopy(donor, directory, _ -> {}).copy();
    PortablePython copy = new PortablePython(donor, directory);
    copy.dropUseless();
    copy.addLibraries();
    copy.run("-m", "ensurepip", "--upgrade", "--default-pip");
    copy.renameInterpreter();
    copy.compile();
    copy.run("-c", "import ssl, sqlite3, ctypes, zlib, bz2, lzma, hashlib, pip");
  }

  private Path modules() {
    return directory.resolve("lib/python" + donor.minor());
  }

  private void dropUseless() throws IOException {
    for (Path module : list(modules().resolve("lib-dynload"))) {
      if (module.getFileName().toString().matches(LEFT_OUT)) {
        Files.delete(module);
      }
    }
  }

  /// Puts the shared libraries that programs and modules need into `lib`, and has them found there.
  private void addLibraries() throws IOException {
    Path libraries = directory.resolve("lib");
    Deque<Path> open = new ArrayDeque<>(list(modules().resolve("lib-dynload")));
    open.addAll(list(libraries).stream().filter(file -> file.toString().contains(".so")).toList());
    boolean own = false;
    Set<String> seen = new HashSet<>(OF_THE_SYSTEM);
    open.add(program);
    while (!open.isEmpty()) {
      Path file = open.remove();
      Optional<ElfFile> found =
          Files.isRegularFile(file, NOFOLLOW_LINKS) ? ElfFile.read(file) : Optional.empty();
      if (found.isEmpty()) {
        continue;
      }
      for (String name : found.get().needed()) {
        if (seen.add(name)) {
          Path target = libraries.resolve(name);
          if (!Files.exists(target, NOFOLLOW_LINKS)) {
            copyLibrary(name, target);
          }
          own |= Files.exists(target);
          open.add(target);
        }
      }
    }
    if (own) {
      findLibrariesIn(libraries);
    }
  }

  private void findLibrariesIn(Path libraries) throws IOException {
    boolean found = ElfFile.read(program).map(file -> search(file, "$ORIGIN/../lib")).orElse(false);
    if (!found) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "Python %s in %s cannot be moved to another machine: its program has no room for the place of its libraries (one built with a shared library at a longer path has)"
              .formatted(donor.version(), donor.directory()));
    }
    List<Path> others = new ArrayList<>(list(modules().resolve("lib-dynload")));
    others.addAll(list(libraries));
    for (Path other : others) {
      if (Files.isRegularFile(other, NOFOLLOW_LINKS) && other.toString().contains(".so")) {
        String way = other.startsWith(modules()) ? "$ORIGIN/../.." : "$ORIGIN";
        // One that names no place is content with what the program says.
        ElfFile.read(other).ifPresent(file -> search(file, way));
      }
    }
  }

  private static boolean search(ElfFile file, String path) {
    try {
      return file.searchFirst(path);
    } catch (IOException e) {
      throw new SlipwayException(ErrorKind.UNAVAILABLE, "a library cannot be changed: " + e, e);
    }
  }

  /// What this machine does not have either, the donor's own modules do without.
  private void copyLibrary(String name, Path target) throws IOException {
    List<Path> places = new ArrayList<>(List.of(donor.directory().resolve("lib")));
    places.addAll(LIBRARY_PLACES);
    for (Path place : places) {
      Path library = place.resolve(name);
      if (Files.isRegularFile(library)) {
        Files.copy(library.toRealPath(), target);
        return;
      }
    }
  }

  /// What pip wrote about its interpreter says where the copy is now.
  private void renameInterpreter() throws IOException {
    for (Path script : list(directory.resolve("bin"))) {
      String text =
          Files.isRegularFile(script, NOFOLLOW_LINKS)
              ? Files.readString(script, StandardCharsets.ISO_8859_1)
              : "";
      if (text.startsWith("#!") && text.contains(directory.toString())) {
        Files.writeString(
            script,
            text.replace(directory.toString(), PythonCopy.PREFIX),
            StandardCharsets.ISO_8859_1);
      }
    }
  }

  /// By the contents of the sources, whose times are others in every image.
  private void compile() throws IOException, InterruptedException {
    String library = modules().toString();
    // Exit codes are about files that are wrong on purpose.
    exitCode(
        List.of(
            program.toString(),
            "-I",
            "-m",
            "compileall",
            "-q",
            "-f",
            "-j",
            "0",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            directory.toString(),
            "-p",
            PythonCopy.PREFIX,
            library));
  }

  private void run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString(), "-I", "-B"));
    command.addAll(List.of(arguments));
    int code = exitCode(command);
    if (code != 0) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE,
          "Python %s in %s cannot be copied: '%s' ended with exit code %d"
              .formatted(donor.version(), donor.directory(), String.join(" ", arguments), code));
    }
  }

  private static int exitCode(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new SlipwayException(
            ErrorKind.UNAVAILABLE,
            "%s ran longer than %d seconds".formatted(command.getFirst(), LIMIT_SECONDS));
      }
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<Path> list(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }
}
