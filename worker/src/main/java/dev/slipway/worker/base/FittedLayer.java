package dev.slipway.worker.base;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.content.files.FileNodes;
import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.kernel.FileSystems;
import dev.slipway.worker.rootfs.LayeredView;
import dev.slipway.worker.rootfs.LayeredView.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A layer whose files go where they would have gone had it been unpacked on top of the layers
/// below it.
///
/// Layers are unpacked by themselves, since images share them. Of directories that a layer puts
/// something into without saying what they are, its *ways*, only the layers below know more: one
/// may be a symbolic link there, and what the layer puts into it belongs where that leads; or a
/// directory with an owner and a mode of its own. Everything else is as the layer has it, and its
/// files are further names of those of the layer: they take no room.
final class FittedLayer {
  private static final int DIRECTORY_MODE = 0755;

  private final Path source;
  private final Set<String> ways;
  private final Path target;

  /// The layers below, with what is in the target so far on top of them.
  private final LayeredView view;

  private final List<Path> through = new ArrayList<>();
  private final Map<Path, FileTime> times = new LinkedHashMap<>();

  /// @param lowers top to bottom
  private FittedLayer(Path source, List<String> ways, List<Path> lowers, Path target) {
    this.source = source;
    this.ways = new HashSet<>(ways);
    this.target = target;
    this.view = new LayeredView(Stream.concat(Stream.of(target), lowers.stream()).toList());
  }

  /// Whether a layer would be another one on top of these.
  ///
  /// @param ways relative to the layer, each before those in it
  /// @param lowers top to bottom
  static boolean isNeeded(Path layer, List<String> ways, List<Path> lowers) throws IOException {
    LayeredView view = new LayeredView(lowers);
    for (String way : ways) {
      Optional<Entry> below = view.find(way);
      boolean other =
          below.isPresent()
              && (below.get().attributes().isSymbolicLink()
                  || below.get().attributes().isDirectory()
                      && !Attributes.of(below.get().host())
                          .equals(Attributes.of(layer.resolve(way))));
      if (other && !isHidden(layer, way)) {
        return true;
      }
    }
    return false;
  }

  /// Whether the layer has deleted what was below in a directory on the way.
  private static boolean isHidden(Path layer, String way) throws IOException {
    for (Path on = layer.resolve(way); !on.equals(layer); ) {
      on = Objects.requireNonNull(on.getParent());
      if (FileSystems.isOpaque(on)) {
        return true;
      }
    }
    return false;
  }

  /// Makes the layer anew in an empty directory.
  ///
  /// @throws SlipwayException of kind `INVALID` when a link below leads nowhere
  static void make(Path layer, List<String> ways, List<Path> lowers, Path target)
      throws IOException {
    FittedLayer fitted = new FittedLayer(layer, ways, lowers, target);
    fitted.copyDirectory(layer, target, layer);
    // Behind all that stands where it belongs: a link may lead to what the layer itself brings.
    while (!fitted.through.isEmpty()) {
      Path way = fitted.through.removeFirst();
      fitted.copyInto(way, fitted.place(way));
    }
    for (Map.Entry<Path, FileTime> directory : fitted.times.entrySet()) {
      Files.setLastModifiedTime(directory.getKey(), directory.getValue());
    }
  }

  private record Attributes(int uid, int gid, int mode) {
    private static Attributes of(Path path) throws IOException {
      Map<String, Object> found = Files.readAttributes(path, "unix:uid,gid,mode", NOFOLLOW_LINKS);
      return new Attributes(number(found, "uid"), number(found, "gid"), number(found, "mode"));
    }

    private static int number(Map<String, Object> found, String name) {
      return (Integer) Objects.requireNonNull(found.get(name));
    }

    private void give(Path path) throws IOException {
      Files.setAttribute(path, "unix:uid", uid, NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", gid, NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:mode", mode & 07777, NOFOLLOW_LINKS);
    }
  }

  /// @param like what has the owner, mode and time that the copy should have
  private void copyDirectory(Path directory, Path to, Path like) throws IOException {
    Attributes.of(like).give(to);
    times.put(to, Files.getLastModifiedTime(like));
    copyInto(directory, to);
  }

  /// Copies what is in a directory of the layer.
  private void copyInto(Path directory, Path to) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new ClosedByInterruptException();
    }
    copyExtended(directory, to);
    for (Path child : children(directory)) {
      Path copy = to.resolve(child.getFileName());
      if (!Files.isDirectory(child, NOFOLLOW_LINKS)) {
        copyFile(child, copy);
        continue;
      }
      Optional<Entry> there = view.find(target.relativize(copy).toString());
      boolean way = ways.contains(source.relativize(child).toString());
      if (way && there.isPresent() && there.get().attributes().isSymbolicLink()) {
        through.add(child);
      } else {
        boolean known = way && there.isPresent() && there.get().attributes().isDirectory();
        makeRoom(copy);
        copyDirectory(child, copy, known ? there.get().host() : child);
      }
    }
  }

  private static void makeRoom(Path directory) throws IOException {
    if (!Files.isDirectory(directory, NOFOLLOW_LINKS)) {
      boolean deleted = Files.exists(directory, NOFOLLOW_LINKS) && isDeletion(directory);
      Trees.delete(directory);
      Files.createDirectory(directory);
      if (deleted) {
        FileNodes.markOpaque(directory);
      }
    }
  }

  /// A file, link, pipe or deletion gets one more name.
  private static void copyFile(Path file, Path copy) throws IOException {
    if (Files.exists(copy, NOFOLLOW_LINKS)) {
      if (isDeletion(file)) {
        // It speaks of the layers below: what this layer itself adds stays.
        return;
      }
      Trees.delete(copy);
    }
    Files.createLink(copy, file);
  }

  private static boolean isDeletion(Path file) throws IOException {
    return (Attributes.of(file).mode() & 0170000) == 0020000;
  }

  /// The directory that a way leads to. What is missing of it is made, as below if it is there.
  private Path place(Path way) throws IOException {
    String name = source.relativize(way).toString();
    Deque<String> ahead = new ArrayDeque<>(names(name));
    Path here = target;
    int links = 0;
    while (!ahead.isEmpty()) {
      String part = ahead.pop();
      if (part.equals("..")) {
        here = here.equals(target) ? target : Objects.requireNonNull(here.getParent());
        continue;
      }
      Path next = here.resolve(part);
      Optional<Entry> there = view.find(target.relativize(next).toString());
      if (there.isPresent() && there.get().attributes().isSymbolicLink()) {
        if (++links > LayeredView.MAX_LINKS) {
          throw new SlipwayException(
              ErrorKind.INVALID,
              "its directory '%s' leads through more than %d symbolic links of the layers below, '/%s' the last"
                  .formatted(name, LayeredView.MAX_LINKS, target.relativize(next)));
        }
        String leads = Files.readSymbolicLink(there.get().host()).toString();
        here = leads.startsWith("/") ? target : here;
        names(leads).reversed().forEach(ahead::push);
        continue;
      }
      if (there.isPresent() && !there.get().attributes().isDirectory()) {
        throw new SlipwayException(
            ErrorKind.INVALID,
            "its directory '%s' leads through a symbolic link of the layers below to '/%s', which is no directory"
                .formatted(name, target.relativize(next)));
      }
      if (!Files.isDirectory(next, NOFOLLOW_LINKS)) {
        makeWay(next, there);
      }
      here = next;
    }
    return here;
  }

  private void makeWay(Path directory, Optional<Entry> below) throws IOException {
    makeRoom(directory);
    if (below.isPresent()) {
      Attributes.of(below.get().host()).give(directory);
      times.put(directory, Files.getLastModifiedTime(below.get().host()));
    } else {
      Attributes root = Attributes.of(source);
      new Attributes(root.uid(), root.gid(), DIRECTORY_MODE).give(directory);
    }
  }

  private static void copyExtended(Path from, Path to) throws IOException {
    if (FileSystems.isOpaque(from)) {
      FileNodes.markOpaque(to);
    }
    UserDefinedFileAttributeView found =
        Files.getFileAttributeView(from, UserDefinedFileAttributeView.class, NOFOLLOW_LINKS);
    for (String name : found.list()) {
      ByteBuffer value = ByteBuffer.allocate(found.size(name));
      int ignored = found.read(name, value);
      FileNodes.setAttribute(to, "user." + name, Arrays.copyOf(value.array(), value.position()));
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.sorted().toList();
    }
  }

  private static List<String> names(String path) {
    return Arrays.stream(path.split("/"))
        .filter(name -> !name.isEmpty() && !name.equals("."))
        .toList();
  }
}
