package dev.slipway.e2e.project;

import dev.slipway.testkit.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// The files of the project that people write: what builds and runs leave is not among them.
final class Sources {
  private static final Set<String> MADE_BY_PROGRAMS =
      Set.of("target", ".git", ".slipway", "node_modules", "__pycache__", ".idea", ".venv");

  private static final Set<String> TEXT =
      Set.of(".java", ".py", ".proto", ".sql", ".xml", ".md", ".sh", ".yml", ".yaml", ".toml");

  private Sources() {}

  static List<Path> java() {
    return all().stream().filter(path -> path.toString().endsWith(".java")).toList();
  }

  /// Every text file, the scripts without an ending included.
  static List<Path> text() {
    return all().stream().filter(Sources::isText).toList();
  }

  private static boolean isText(Path path) {
    String name = path.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return dot < 0 ? Files.isExecutable(path) : TEXT.contains(name.substring(dot));
  }

  private static List<Path> all() {
    List<Path> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          Project.root(),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
              return MADE_BY_PROGRAMS.contains(path.getFileName().toString())
                  ? FileVisitResult.SKIP_SUBTREE
                  : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                files.add(path);
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  static String read(Path path) {
    try {
      return Files.readString(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /// As a reader of the project would name it.
  static String name(Path path) {
    return Project.root().relativize(path).toString();
  }
}
