package dev.slipway.images.registry;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.slipway.content.files.FileNodes;
import dev.slipway.content.files.Trees;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/// The directory that a layer becomes, entry by entry.
final class LayerTree {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final String ATTRIBUTE = "SCHILY.xattr.";
  private static final int MOST_NOTES = 20;
  private static final int MOST_DEVICES_SHOWN = 5;
  private static final int NOBODY = 65_534;

  private final Path root;
  private final Owners owners;
  private final boolean deletions;
  private final LayerPlaces places;
  private final Map<Path, FileTime> directoryTimes = new LinkedHashMap<>();
  private final List<String> notes = new ArrayList<>();
  private final List<String> deviceNames = new ArrayList<>();
  private int devices;
  private int unsaid;

  /// @param deletions whether names of the form `.wh.NAME` delete what lies below
  LayerTree(Path root, Owners owners, boolean deletions) {
    this.root = root;
    this.owners = owners;
    this.deletions = deletions;
    this.places = new LayerPlaces(root, owners);
  }

  List<String> notes() {
    List<String> all = new ArrayList<>();
    if (devices > 0) {
      int more = devices - deviceNames.size();
      all.add(
          "%d device node%s left out, since containers get their own: %s%s."
              .formatted(
                  devices,
                  devices == 1 ? " is" : "s are",
                  String.join(", ", deviceNames),
                  more == 0 ? "" : " and %d more".formatted(more)));
    }
    all.addAll(notes);
    if (unsaid > 0) {
      all.add("%d more of this kind.".formatted(unsaid));
    }
    return all;
  }

  /// Directories that the layer has no entry for: see [LayerPlaces#ways].
  List<String> ways() {
    return places.ways();
  }

  /// Adds what an entry of the tar says.
  ///
  /// @param data the entry's bytes
  void add(TarArchiveEntry entry, InputStream data) throws IOException {
    List<String> parts = LayerPlaces.parts(entry.getName());
    if (parts.isEmpty()) {
      if (entry.isDirectory()) {
        giveAttributes(entry, root);
      }
      return;
    }
    Path parent = places.parent(entry.getName(), parts);
    String name = parts.getLast();
    if (deletions && name.startsWith(WHITEOUT)) {
      addWhiteout(parent, name);
      return;
    }
    Path path = LayerPlaces.child(parent, name);
    if (entry.isDirectory()) {
      addDirectory(entry, path);
    } else if (entry.isSymbolicLink()) {
      Trees.delete(path);
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      giveOwner(entry, path);
    } else if (entry.isLink()) {
      addHardLink(entry, path);
    } else if (entry.isCharacterDevice() || entry.isBlockDevice()) {
      if (devices++ < MOST_DEVICES_SHOWN) {
        deviceNames.add(entry.getName());
      }
    } else if (entry.isFIFO()) {
      Trees.delete(path);
      FileNodes.makePipe(path);
      giveAttributes(entry, path);
    } else if (entry.isFile()) {
      Trees.delete(path);
      addFile(entry, path, data);
    } else {
      note("%s is left out: it is of an unknown kind.".formatted(entry.getName()));
    }
  }

  /// Sets what adding further entries would have changed.
  void finish() throws IOException {
    for (Map.Entry<Path, FileTime> directory : directoryTimes.entrySet()) {
      if (Files.isDirectory(directory.getKey(), NOFOLLOW_LINKS)) {
        Files.setLastModifiedTime(directory.getKey(), directory.getValue());
      }
    }
  }

  // ---- kinds of entries

  private void addWhiteout(Path parent, String name) throws IOException {
    if (name.equals(OPAQUE)) {
      FileNodes.markOpaque(parent);
      return;
    }
    if (name.startsWith(WHITEOUT + WHITEOUT)) {
      return; // another union file system's own bookkeeping
    }
    String deleted = name.substring(WHITEOUT.length());
    if (deleted.isEmpty() || deleted.equals(".") || deleted.equals("..")) {
      throw new SlipwayException(
          ErrorKind.DENIED, "the layer holds the deletion '" + name + "', which leads out of it");
    }
    Path hidden = LayerPlaces.child(parent, deleted);
    // It speaks of the layers below: what this layer itself adds stays.
    if (!Files.exists(hidden, NOFOLLOW_LINKS)) {
      FileNodes.makeWhiteout(hidden);
      own(hidden, 0, 0);
    } else if (Files.isDirectory(hidden, NOFOLLOW_LINKS)) {
      places.hideBelow(hidden);
    }
  }

  private void addDirectory(TarArchiveEntry entry, Path path) throws IOException {
    places.makeDirectory(path);
    giveAttributes(entry, path);
  }

  private void addHardLink(TarArchiveEntry entry, Path path) throws IOException {
    List<String> parts = LayerPlaces.parts(entry.getLinkName());
    Path target =
        parts.isEmpty()
            ? root
            : LayerPlaces.child(places.parent(entry.getName(), parts), parts.getLast());
    if (!Files.exists(target, NOFOLLOW_LINKS)
        || Files.isDirectory(target, NOFOLLOW_LINKS)
        || LayerPlaces.isWhiteout(target)) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS,
          "the layer holds a hard link '%s' to '%s', which is no file of it"
              .formatted(entry.getName(), entry.getLinkName()));
    }
    if (!target.equals(path)) {
      Trees.delete(path);
      Files.createLink(path, target);
    }
  }

  private void addFile(TarArchiveEntry entry, Path path, InputStream data) throws IOException {
    try (OutputStream out =
        Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      data.transferTo(out);
    }
    giveAttributes(entry, path);
  }

  // ---- attributes

  private void giveAttributes(TarArchiveEntry entry, Path path) throws IOException {
    giveOwner(entry, path);
    // Behind the owner: changing that takes the set-user-id bit away.
    Files.setAttribute(path, "unix:mode", entry.getMode() & 07777);
    for (Map.Entry<String, String> header : entry.getExtraPaxHeaders().entrySet()) {
      if (header.getKey().startsWith(ATTRIBUTE)) {
        giveExtended(path, header.getKey().substring(ATTRIBUTE.length()), header.getValue());
      }
    }
    FileTime time = entry.getLastModifiedTime();
    if (entry.isDirectory()) {
      directoryTimes.put(path, time);
    } else if (!entry.isFIFO()) {
      // Setting the time of a pipe would open it, and wait for its other end.
      Files.setLastModifiedTime(path, time);
    }
  }

  private void giveExtended(Path path, String name, String value) throws IOException {
    // Others would speak to the host's kernel: overlay bookkeeping, labels.
    boolean wanted = name.startsWith("user.") || name.equals("security.capability");
    if (!wanted || value.indexOf('\ufffd') >= 0) {
      note("The attribute %s of /%s is left out.".formatted(name, root.relativize(path)));
      return;
    }
    try {
      FileNodes.setAttribute(path, name, value.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      note("The attribute is left out: " + e.getMessage() + ".");
    }
  }

  private void giveOwner(TarArchiveEntry entry, Path path) throws IOException {
    long uid = entry.getLongUserId();
    long gid = entry.getLongGroupId();
    if (owners.find(uid).isEmpty() || owners.find(gid).isEmpty()) {
      note(
          "%s belongs to %d:%d, which no container has; it goes to nobody."
              .formatted(entry.getName(), uid, gid));
      own(path, NOBODY, NOBODY);
    } else {
      own(path, uid, gid);
    }
  }

  private void own(Path path, long uid, long gid) throws IOException {
    Files.setAttribute(path, "unix:uid", owners.find(uid).orElseThrow(), NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", owners.find(gid).orElseThrow(), NOFOLLOW_LINKS);
  }

  private void note(String sentence) {
    if (notes.size() < MOST_NOTES) {
      notes.add(sentence);
    } else {
      unsaid++;
    }
  }
}
