package dev.slipway.worker.build;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.build.BuildOrder.ContextFile;
import dev.slipway.worker.rootfs.CopyAttributes;
import dev.slipway.worker.rootfs.InsideRoot;
import dev.slipway.worker.rootfs.LayeredView;
import dev.slipway.worker.rootfs.LayeredView.Entry;
import dev.slipway.worker.rootfs.MountTree;
import dev.slipway.worker.rootfs.TreeCopy;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Files that COPY sees. The build context is mounts, and above them the files that came with the
/// recipe.
final class BuildFiles {
  private static final int FILE_MODE = 0644;

  /// What makes a name one of as many as there are, and so perhaps of none.
  private static final Pattern WILDCARD = Pattern.compile("[*?\\[]");

  /// Most names that a message repeats.
  private static final int MOST_SHOWN = 10;

  /// What they are called in messages.
  private final String name;

  /// Top to bottom.
  private final List<Path> roots;

  private final LayeredView view;

  private BuildFiles(String name, List<Path> roots) {
    this.name = name;
    this.roots = roots;
    this.view = new LayeredView(roots);
  }

  /// @param scratch a directory that does not exist yet, for the files that came with the recipe
  static BuildFiles of(List<MountTree> mounts, List<ContextFile> files, Path scratch)
      throws IOException {
    Files.createDirectory(scratch);
    InsideRoot inside = new InsideRoot(scratch);
    for (ContextFile file : files) {
      int slash = file.path().lastIndexOf('/');
      String name = file.path().substring(slash + 1);
      if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
        throw new SlipwayException(
            ErrorKind.INVALID, "'" + file.path() + "' names no file of a build context");
      }
      Path directory = inside.makeDirectories(slash < 0 ? "" : file.path().substring(0, slash));
      Path written = Files.write(directory.resolve(name), file.data());
      Files.setAttribute(written, "unix:mode", FILE_MODE);
    }
    List<Path> roots = new ArrayList<>();
    roots.add(scratch);
    mounts.reversed().forEach(mount -> roots.add(mount.root()));
    return new BuildFiles("the build context", roots);
  }

  /// The files of an earlier stage.
  ///
  /// @param root where its root file system is mounted
  static BuildFiles ofStage(Path root) {
    return new BuildFiles("the stage", List.of(root));
  }

  /// Directories that show these files when they are laid over each other, top to bottom.
  List<Path> roots() {
    return roots;
  }

  /// Copies what some patterns match into an image.
  ///
  /// @param destination absolute; a final slash says that it is a directory
  /// @param archives what becomes of archives
  /// @return where device nodes and sockets would be that were left out
  /// @throws SlipwayException of kind `INVALID` when a name without wildcards matches nothing, or
  ///   the destination cannot be
  List<String> copy(
      List<String> patterns,
      String destination,
      InsideRoot image,
      CopyAttributes attributes,
      Archives archives)
      throws IOException {
    List<String> sources = new ArrayList<>();
    for (String pattern : patterns) {
      List<String> matches = match(pattern);
      if (matches.isEmpty() && !WILDCARD.matcher(pattern).find()) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "nothing that can be copied matches '%s': %s".formatted(pattern, describe(pattern)));
      }
      sources.addAll(matches);
    }
    if (sources.size() > 1 && !isDirectory(destination, image)) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "%d files or directories cannot all become '%s'; a directory, or a destination that ends with '/', was expected"
              .formatted(sources.size(), destination));
    }
    TreeCopy copy = new TreeCopy(image, attributes);
    for (String source : sources) {
      Entry entry = view.resolve(source).orElseThrow();
      if (entry.attributes().isDirectory()) {
        copyDirectory(entry, destination, copy);
      } else if (!archives.unpack(entry.host(), destination, image)) {
        String name = source.substring(source.lastIndexOf('/') + 1);
        copy.copyFile(entry.host(), target(name, destination, image));
      }
    }
    return copy.leftOut();
  }

  /// What there is where a pattern looked for something.
  private String describe(String pattern) throws IOException {
    String directory = "/";
    for (String part : pattern.split("/")) {
      String next = (directory.equals("/") ? "" : directory) + "/" + part;
      boolean there =
          part.isEmpty()
              || view.resolve(next).filter(entry -> entry.attributes().isDirectory()).isPresent();
      if (!there) {
        break;
      }
      directory = part.isEmpty() ? directory : next;
    }
    List<String> names = List.copyOf(children(directory));
    String shown =
        names.stream()
            .limit(MOST_SHOWN)
            .map(child -> "'" + child + "'")
            .collect(Collectors.joining(", "));
    return "%s has %s%s%s"
        .formatted(
            name,
            names.isEmpty() ? "nothing" : shown,
            names.size() > MOST_SHOWN ? " and %d more".formatted(names.size() - MOST_SHOWN) : "",
            directory.equals("/") ? "" : " in " + directory);
  }

  private void copyDirectory(Entry entry, String destination, TreeCopy copy) throws IOException {
    // Bottom to top: what lies above overwrites.
    for (Path root : roots.reversed()) {
      Path part = root.resolve(entry.path().substring(1));
      if (Files.isDirectory(part, NOFOLLOW_LINKS)) {
        copy.copyContents(part, destination);
      }
    }
  }

  /// Where a file of this name goes.
  static String target(String name, String destination, InsideRoot image) throws IOException {
    return isDirectory(destination, image)
        ? destination + (destination.endsWith("/") ? "" : "/") + name
        : destination;
  }

  private static boolean isDirectory(String destination, InsideRoot image) throws IOException {
    return destination.endsWith("/")
        || Files.isDirectory(image.resolve(destination), NOFOLLOW_LINKS);
  }

  /// Paths of the context that a pattern means, sorted: the very path when there is one.
  private List<String> match(String pattern) throws IOException {
    List<String> names =
        Stream.of(pattern.split("/")).filter(name -> !name.isEmpty() && !name.equals(".")).toList();
    if (names.contains("..")) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + pattern + "' leads out of what can be copied");
    }
    String literal = "/" + String.join("/", names);
    if (view.resolve(literal).isPresent()) {
      return List.of(literal);
    }
    List<String> found = List.of("");
    for (String name : names) {
      PathMatcher matcher = matcher(name);
      List<String> next = new ArrayList<>();
      for (String parent : found) {
        for (String child : children(parent)) {
          String path = parent + "/" + child;
          if (matcher.matches(Path.of(child)) && view.resolve(path).isPresent()) {
            next.add(path);
          }
        }
      }
      found = next;
    }
    return found;
  }

  /// Braces are plain characters in recipes.
  private static PathMatcher matcher(String name) {
    String glob = name.replace("{", "\\{").replace("}", "\\}").replace("[^", "[!");
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + glob);
    } catch (IllegalArgumentException e) {
      throw new SlipwayException(
          ErrorKind.INVALID, "'" + name + "' is no pattern for names of files", e);
    }
  }

  private TreeSet<String> children(String directory) throws IOException {
    TreeSet<String> names = new TreeSet<>();
    Optional<Entry> entry = view.resolve(directory);
    if (entry.isEmpty()) {
      return names;
    }
    for (Path root : roots) {
      Path part = root.resolve(entry.get().path().substring(1));
      if (Files.isDirectory(part, NOFOLLOW_LINKS)) {
        try (Stream<Path> children = Files.list(part)) {
          children.forEach(child -> names.add(child.getFileName().toString()));
        }
      }
    }
    return names;
  }
}
