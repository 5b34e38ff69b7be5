package dev.slipway.worker.rootfs;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.worker.kernel.FileSystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an overlay of some layers would show, without mounting it.
///
/// @param lowers directories, top to bottom
public record LayeredView(List<Path> lowers) {
  /// Most symbolic links that are followed for one path, as in the kernel.
  public static final int MAX_LINKS = 40;

  public LayeredView {
    lowers = List.copyOf(lowers);
  }

  /// A file, directory or symbolic link that some path leads to.
  ///
  /// @param path where it is in the container, without symbolic links
  /// @param host where it is on this machine: for a directory the topmost of those that are merged
  /// @param attributes of the thing itself
  public record Entry(String path, Path host, PosixFileAttributes attributes) {}

  /// What is at a path, not following a symbolic link in any part of it.
  public Optional<Entry> find(String path) throws IOException {
    List<String> names = names(path);
    if (names.contains("..")) {
      return Optional.empty();
    }
    for (Path lower : lowers) {
      Look look = look(lower, names);
      if (look.entry() != null) {
        return Optional.of(new Entry(join(names), look.host(), look.entry()));
      }
      if (look.hidesBelow()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /// What a path leads to when every symbolic link is followed, as a process in the container
  /// would.
  public Optional<Entry> resolve(String path) throws IOException {
    Deque<String> ahead = new ArrayDeque<>(names(path));
    Deque<String> done = new ArrayDeque<>();
    Optional<Entry> here = find("/");
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.pop();
      if (name.equals("..")) {
        done.pollLast();
        here = find(join(done));
        continue;
      }
      done.addLast(name);
      here = find(join(done));
      if (here.isEmpty()) {
        return Optional.empty();
      }
      if (here.get().attributes().isSymbolicLink()) {
        if (++links > MAX_LINKS) {
          return Optional.empty();
        }
        String target = Files.readSymbolicLink(here.get().host()).toString();
        done.removeLast();
        if (target.startsWith("/")) {
          done.clear();
        }
        names(target).reversed().forEach(ahead::push);
        here = find(join(done));
      }
    }
    return here;
  }

  /// What one layer says about a path.
  private record Look(Path host, @Nullable PosixFileAttributes entry, boolean hidesBelow) {}

  private static Look look(Path lower, List<String> names) throws IOException {
    Path host = lower;
    boolean hides = false;
    for (int i = 0; i < names.size(); i++) {
      host = host.resolve(names.get(i));
      PosixFileAttributes found;
      try {
        found = Files.readAttributes(host, PosixFileAttributes.class, NOFOLLOW_LINKS);
      } catch (NoSuchFileException | NotDirectoryException e) {
        return new Look(host, null, hides);
      }
      if (isWhiteout(host, found)) {
        return new Look(host, null, true);
      }
      if (i == names.size() - 1) {
        return new Look(host, found, true);
      }
      if (!found.isDirectory()) {
        // A file or link where the path needs a directory.
        return new Look(host, null, true);
      }
      hides |= FileSystems.isOpaque(host);
    }
    return new Look(
        host, Files.readAttributes(host, PosixFileAttributes.class, NOFOLLOW_LINKS), true);
  }

  private static boolean isWhiteout(Path host, PosixFileAttributes found) throws IOException {
    return found.isOther()
        && Long.valueOf(0).equals(Files.getAttribute(host, "unix:rdev", NOFOLLOW_LINKS));
  }

  private static List<String> names(String path) {
    return Arrays.stream(path.split("/"))
        .filter(name -> !name.isEmpty() && !name.equals("."))
        .toList();
  }

  private static String join(Iterable<String> names) {
    return "/" + String.join("/", names);
  }
}
