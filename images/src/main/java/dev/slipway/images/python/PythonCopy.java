package dev.slipway.images.python;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Copies an interpreter directory to where `/usr/local` of an image is made, the way Docker's own
/// Python images have it there: without what its owner installed into it, without tests and static
/// libraries, and with every mention of its former place changed.
public final class PythonCopy {
  /// Where the copy believes to be.
  public static final String PREFIX = "/usr/local";

  /// Directories of the standard library that an image does not need.
  private static final Set<String> LEFT_OUT =
      Set.of("site-packages", "test", "tests", "idlelib", "turtledemo", "idle_test");

  private static final Pattern FORMER_PREFIX = Pattern.compile("'prefix': '(/[^']+)'");

  private final Interpreter donor;
  private final String name;
  private final Path target;
  private final Owner owner;

  /// Whose the copied files become.
  @FunctionalInterface
  public interface Owner {
    void take(Path file) throws IOException;
  }

  /// @param target a directory that stands for [#PREFIX]
  public PythonCopy(Interpreter donor, Path target, Owner owner) {
    this.donor = donor;
    this.name = "python" + donor.minor();
    this.target = target;
    this.owner = owner;
  }

  public void copy() throws IOException {
    for (String directory : List.of("bin", "lib", "lib/pkgconfig", "include")) {
      makeDirectory(target.resolve(directory));
    }
    copyPrograms();
    Path library = Path.of("lib").resolve(name);
    copyTree(donor.directory().resolve(library), target.resolve(library));
    makeDirectory(target.resolve(library).resolve("site-packages"));
    Path headers = Path.of("include").resolve(name);
    copyTree(donor.directory().resolve(headers), target.resolve(headers));
    copyMatching("lib", "libpython3.*\\.so.*");
    copyMatching("lib/pkgconfig", "python-" + Pattern.quote(donor.minor()) + ".*\\.pc");
    link("lib/pkgconfig/python3.pc", "python-" + donor.minor() + ".pc");
    link("lib/pkgconfig/python3-embed.pc", "python-" + donor.minor() + "-embed.pc");
    // Not managed by anybody: uv marks its own Pythons so, and pip would refuse to install.
    Files.deleteIfExists(target.resolve(library).resolve("EXTERNALLY-MANAGED"));
    rewrite();
  }

  private void copyPrograms() throws IOException {
    for (String program : List.of(name, name + "-config", "pydoc" + donor.minor())) {
      Path source = donor.directory().resolve("bin").resolve(program);
      if (Files.isRegularFile(source)) {
        copyFile(source, target.resolve("bin").resolve(program));
      }
    }
    for (String link : List.of("python", "python3")) {
      link("bin/" + link, name);
    }
    for (String link : List.of("python-config", "python3-config")) {
      link("bin/" + link, name + "-config");
    }
    for (String link : List.of("pydoc", "pydoc3")) {
      link("bin/" + link, "pydoc" + donor.minor());
    }
  }

  private void copyMatching(String directory, String pattern) throws IOException {
    Path source = donor.directory().resolve(directory);
    if (!Files.isDirectory(source)) {
      return;
    }
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().matches(pattern)) {
          copyFile(file, target.resolve(directory).resolve(file.getFileName()));
        }
      }
    }
  }

  private void copyTree(Path source, Path target) throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            if (LEFT_OUT.contains(directory.getFileName().toString())) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            makeDirectory(target.resolve(source.relativize(directory).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!file.getFileName().toString().endsWith(".a")) {
              copyFile(file, target.resolve(source.relativize(file).toString()));
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// Keeps times: bytecode that was compiled already stays valid.
  private void copyFile(Path source, Path target) throws IOException {
    Files.copy(
        source,
        target,
        NOFOLLOW_LINKS,
        StandardCopyOption.COPY_ATTRIBUTES,
        StandardCopyOption.REPLACE_EXISTING);
    owner.take(target);
  }

  private void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory);
      Files.setAttribute(directory, "unix:mode", 0755);
      owner.take(directory);
    }
  }

  private void link(String path, String destination) throws IOException {
    Path link = target.resolve(path);
    if (Files.exists(link.resolveSibling(destination), NOFOLLOW_LINKS)) {
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, Path.of(destination));
      owner.take(link);
    }
  }

  /// Changes the former prefix in everything that builds of C extensions read.
  private void rewrite() throws IOException {
    Set<Path> files = new LinkedHashSet<>();
    Path library = target.resolve("lib").resolve(name);
    addMatching(files, library, "_sysconfigdata.*\\.py|_sysconfig_vars.*\\.json");
    Set<String> prefixes = new LinkedHashSet<>(List.of(donor.directory().toString()));
    for (Path file : files) {
      Matcher matcher = FORMER_PREFIX.matcher(read(file));
      while (matcher.find()) {
        prefixes.add(matcher.group(1));
      }
    }
    addMatching(files, target.resolve("lib/pkgconfig"), ".*\\.pc");
    addMatching(files, target.resolve("bin"), "(" + Pattern.quote(name) + "-config|pydoc3?.*)");
    try (Stream<Path> directories = Files.list(library)) {
      for (Path directory : directories.toList()) {
        if (directory.getFileName().toString().startsWith("config-")) {
          addMatching(files, directory, "Makefile|python-config\\.py");
        }
      }
    }
    for (Path file : files) {
      rewrite(file, prefixes);
    }
  }

  private static void addMatching(Set<Path> files, Path directory, String pattern)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> children = Files.list(directory)) {
      children
          .filter(file -> Files.isRegularFile(file, NOFOLLOW_LINKS))
          .filter(file -> file.getFileName().toString().matches(pattern))
          .forEach(files::add);
    }
  }

  private static void rewrite(Path file, Set<String> prefixes) throws IOException {
    String before = read(file);
    String after = before;
    for (String prefix : prefixes) {
      after = after.replace(prefix, PREFIX);
    }
    if (!after.equals(before)) {
      FileTime time = Files.getLastModifiedTime(file);
      Files.writeString(file, after, StandardCharsets.ISO_8859_1);
      // One second later, so that its bytecode is compiled again.
      Files.setLastModifiedTime(file, FileTime.fromMillis(time.toMillis() + 1_000));
    }
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }
}
