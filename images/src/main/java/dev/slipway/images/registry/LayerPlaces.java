package dev.slipway.images.registry;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.content.files.FileNodes;
import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Where the names of a layer's entries lead in the directory that it becomes: as in a container,
/// symbolic links that stand there already are followed, to places inside it whatever they say.
final class LayerPlaces {
  /// Most symbolic links that are followed for one name, as in the kernel.
  private static final int MOST_LINKS = 40;

  private static final int DIRECTORY_MODE = 0755;

  private final Path root;
  private final Owners owners;
  private final Set<Path> ways = new TreeSet<>();

  /// @param owners of the container's root, to whom directories belong that the layer has no entry
  ///   for
  LayerPlaces(Path root, Owners owners) {
    this.root = root;
    this.owners = owners;
  }

  /// The parts of an entry's name; none for the root.
  static List<String> parts(String name) {
    List<String> parts = names(name);
    if (parts.contains("..") || name.indexOf('\0') >= 0) {
      throw new SlipwayException(
          ErrorKind.DENIED, "the layer holds '" + name + "', which leads out of it");
    }
    return parts;
  }

  /// The directory that holds an entry, made where the layer did not say anything about it.
  ///
  /// @param name of the entry, for what is wrong with it
  Path parent(String name, List<String> parts) throws IOException {
    Deque<String> ahead = new ArrayDeque<>(parts.subList(0, parts.size() - 1));
    Path here = root;
    int links = 0;
    while (!ahead.isEmpty()) {
      String part = ahead.pop();
      if (part.equals("..")) {
        here = here.equals(root) ? root : Objects.requireNonNull(here.getParent());
        continue;
      }
      Path next = child(here, part);
      if (Files.isSymbolicLink(next)) {
        if (++links > MOST_LINKS) {
          throw new SlipwayException(
              ErrorKind.INVALID,
              "the layer holds '%s', which leads through more than %d symbolic links, '%s' the last"
                  .formatted(name, MOST_LINKS, root.relativize(next)));
        }
        String target = Files.readSymbolicLink(next).toString();
        here = target.startsWith("/") ? root : here;
        names(target).reversed().forEach(ahead::push);
        continue;
      }
      if (!Files.isDirectory(next, NOFOLLOW_LINKS)) {
        if (links > 0 && Files.exists(next, NOFOLLOW_LINKS) && !isWhiteout(next)) {
          throw new SlipwayException(
              ErrorKind.INVALID,
              "the layer holds '%s', which leads through a symbolic link to '%s', which is no directory"
                  .formatted(name, root.relativize(next)));
        }
        makeWay(next);
      }
      here = next;
    }
    return here;
  }

  private void makeWay(Path directory) throws IOException {
    boolean deleted = replaceByDirectory(directory);
    Files.setAttribute(directory, "unix:uid", owners.find(0).orElseThrow(), NOFOLLOW_LINKS);
    Files.setAttribute(directory, "unix:gid", owners.find(0).orElseThrow(), NOFOLLOW_LINKS);
    Files.setAttribute(directory, "unix:mode", DIRECTORY_MODE);
    if (!deleted) {
      ways.add(directory);
    }
  }

  /// Makes room for a directory of which the layer itself says what it is.
  void makeDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory, NOFOLLOW_LINKS)) {
      replaceByDirectory(directory);
    }
    ways.remove(directory);
  }

  /// Notes that the layer deletes what layers below have under the name of a directory of its own.
  void hideBelow(Path directory) throws IOException {
    FileNodes.markOpaque(directory);
    ways.remove(directory);
  }

  /// @return whether the layer had deleted what was below
  private static boolean replaceByDirectory(Path path) throws IOException {
    // A deletion, then a directory of that name: it does not continue the one below.
    boolean deleted = isWhiteout(path);
    Trees.delete(path);
    Files.createDirectory(path);
    if (deleted) {
      FileNodes.markOpaque(path);
    }
    return deleted;
  }

  static boolean isWhiteout(Path path) throws IOException {
    if (!Files.exists(path, NOFOLLOW_LINKS)) {
      return false;
    }
    // Device nodes of the tar are left out, so a special file that is no pipe is ours.
    int mode =
        (Integer) Objects.requireNonNull(Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS));
    return (mode & 0170000) == 0020000;
  }

  static Path child(Path parent, String name) {
    try {
      return parent.resolve(name);
    } catch (InvalidPathException e) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "the layer holds the name '%s', which needs a UTF-8 locale (LC_ALL=C.UTF-8)"
              .formatted(name),
          e);
    }
  }

  /// The directories that were made without an entry that says what they are, and of which the
  /// layer does not say that it has deleted what was there: relative to the root, each before those
  /// in it.
  List<String> ways() {
    return ways.stream()
        .filter(way -> Files.isDirectory(way, NOFOLLOW_LINKS))
        .map(way -> root.relativize(way).toString())
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static List<String> names(String path) {
    return Arrays.stream(path.split("/"))
        .filter(name -> !name.isEmpty() && !name.equals("."))
        .toList();
  }
}
