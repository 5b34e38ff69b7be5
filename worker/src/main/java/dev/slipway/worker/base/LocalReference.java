package dev.slipway.worker.base;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a reference to one of Docker Hub's `python` or `debian` images asks for, as far as a local
/// base can stand in for it.
///
/// @param python version that is asked for, `3`, `3.11` or `3.11.12`; absent for a plain Debian;
///   empty for any Python
public record LocalReference(DebianSuite suite, Optional<String> python) {
  private static final Pattern HUB =
      Pattern.compile(
          "(?:(?:docker\\.io|index\\.docker\\.io|registry-1\\.docker\\.io)/)?(?:library/)?"
              + "(python|debian)(?::([A-Za-z0-9._-]+))?");
  private static final Pattern VERSION = Pattern.compile("3(\\.\\d+){0,2}");
  private static final Pattern SNAPSHOT = Pattern.compile("\\d{8}");

  /// What the reference asks for, or empty when no local base can stand in for it.
  public static Optional<LocalReference> find(String reference) {
    Matcher matcher = HUB.matcher(reference);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    boolean python = matcher.group(1).equals("python");
    DebianSuite suite = DebianSuite.newest();
    String version = "";
    String tag = matcher.group(2) == null ? "latest" : matcher.group(2);
    for (String word : tag.split("-")) {
      Optional<DebianSuite> named = DebianSuite.find(python ? word : withoutPoint(word));
      if (python && VERSION.matcher(word).matches()) {
        version = word;
      } else if (named.isPresent()) {
        suite = named.get();
      } else if (!isPlain(word)) {
        return Optional.empty();
      }
    }
    return Optional.of(new LocalReference(suite, python ? Optional.of(version) : Optional.empty()));
  }

  /// A point release, `12.5`, is its release.
  private static String withoutPoint(String word) {
    return word.matches("\\d+\\.\\d+") ? word.substring(0, word.indexOf('.')) : word;
  }

  private static boolean isPlain(String word) {
    return word.equals("slim")
        || word.equals("latest")
        || word.equals("stable")
        || SNAPSHOT.matcher(word).matches();
  }
}
