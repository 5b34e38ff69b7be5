package dev.slipway.images.plan;

import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Which files of a build context a source of COPY, or of a mount, may mean. Rather too many than
/// too few: what a step is said to see only makes it run again, what it sees unsaid would be stale.
final class ContextPattern {
  /// What may make a name one of many.
  private static final String SPECIAL = "*?[]{}";

  /// What the names of one directory after the other must be like. The list ends where only the
  /// machine that builds knows how it goes on.
  private final List<Name> names = new ArrayList<>();

  private interface Name {
    boolean matches(String name);
  }

  ContextPattern(String source) {
    for (String name : parts(source)) {
      if (name.contains("$") || name.contains("\\") || name.equals("..")) {
        return;
      }
      names.add(matcher(name));
    }
  }

  private static List<String> parts(String path) {
    return Stream.of(path.split("/")).filter(name -> !name.isEmpty() && !name.equals(".")).toList();
  }

  private static Name matcher(String pattern) {
    if (pattern.chars().noneMatch(c -> SPECIAL.indexOf(c) >= 0)) {
      return pattern::equals;
    }
    String glob = pattern.replace("{", "\\{").replace("}", "\\}").replace("[^", "[!");
    try {
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
      return name -> name.equals(pattern) || matcher.matches(Path.of(name));
    } catch (IllegalArgumentException e) {
      // The build refuses it.
      return _ -> true;
    }
  }

  /// Whether a file is what the source means, or below it.
  boolean sees(String file) {
    int at = 0;
    for (Name name : names) {
      while (file.startsWith("/", at) || file.startsWith("./", at)) {
        at += file.charAt(at) == '/' ? 1 : 2;
      }
      int slash = file.indexOf('/', at);
      int end = slash < 0 ? file.length() : slash;
      if (end == at || !name.matches(file.substring(at, end))) {
        return false;
      }
      at = end;
    }
    return true;
  }
}
