package dev.slipway.images.python;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The Pythons that this machine's operator has and that can be copied into images.
public final class Interpreters {
  /// Where pyenv and uv keep theirs, below a user's home.
  private static final List<String> USUAL_PLACES =
      List.of(".pyenv/versions", ".local/share/uv/python");

  private static final List<Path> SHARED_PLACES =
      List.of(
          Path.of("/opt/pyenv/versions"),
          Path.of("/opt/python"),
          Path.of("/usr/local/pyenv/versions"));

  private static final Path USERS = Path.of("/etc/passwd");
  private static final int HOME_FIELD = 5;

  private final List<Path> places;

  /// @param places directories that are an interpreter or have some as their children
  public Interpreters(Collection<Path> places) {
    this.places = List.copyOf(places);
  }

  /// The usual places of pyenv and uv in the homes of all users, after what the operator names.
  public static Interpreters ofThisMachine(Collection<Path> named) {
    LinkedHashSet<Path> places = new LinkedHashSet<>(named);
    LinkedHashSet<Path> homes = new LinkedHashSet<>();
    homes.add(Path.of(System.getProperty("user.home")));
    try {
      for (String line : Files.readAllLines(USERS)) {
        String[] fields = line.split(":");
        if (fields.length > HOME_FIELD && fields[HOME_FIELD].startsWith("/")) {
          homes.add(Path.of(fields[HOME_FIELD]));
        }
      }
    } catch (IOException e) {
      // Without the list of users there is still the own home.
    }
    homes.forEach(home -> USUAL_PLACES.forEach(place -> places.add(home.resolve(place))));
    places.addAll(SHARED_PLACES);
    return new Interpreters(places);
  }

  /// All that are there now, older versions first.
  public List<Interpreter> list() {
    LinkedHashSet<Path> candidates = new LinkedHashSet<>();
    for (Path place : places) {
      candidates.add(place);
      try (Stream<Path> children = Files.list(place)) {
        children.filter(Files::isDirectory).sorted().forEach(candidates::add);
      } catch (IOException e) {
        // Most of the usual places do not exist, or are another user's own.
      }
    }
    List<Interpreter> found = new ArrayList<>();
    for (Path candidate : candidates) {
      Interpreter.find(candidate)
          .filter(one -> found.stream().noneMatch(o -> o.directory().equals(one.directory())))
          .ifPresent(found::add);
    }
    found.sort(Interpreter.BY_VERSION);
    return found;
  }

  /// The best one for a version: exactly that one, else the newest patch of its minor version; for
  /// less than a minor version the newest of all.
  ///
  /// @param version empty, `3`, `3.11` or `3.11.12`
  /// @param glibcMinor `n` of the C library 2.n that it is to run with
  public Optional<Interpreter> find(String version, int glibcMinor) {
    List<Interpreter> running = list().stream().filter(one -> one.runsOn(glibcMinor)).toList();
    Optional<Interpreter> exact =
        running.stream().filter(one -> one.version().equals(version)).findFirst();
    if (exact.isPresent()) {
      return exact;
    }
    String minor = minorOf(version);
    return running.stream()
        .filter(one -> minor.isEmpty() || one.minor().equals(minor))
        .max(Interpreter.BY_VERSION);
  }

  /// `3.11` of `3.11.12`; empty when the version names no minor one.
  public static String minorOf(String version) {
    String[] parts = version.split("\\.");
    return parts.length < 2 ? "" : parts[0] + "." + parts[1];
  }
}
