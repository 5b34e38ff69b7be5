package dev.slipway.worker.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Where Debian's packages come from, for local bases and for what is installed in them later.
///
/// @param archive URL of the archive
/// @param security URL of the archive of security updates; empty for none
public record DebianMirror(String archive, Optional<String> security) {
  private static final DebianMirror PUBLIC =
      new DebianMirror(
          "http://deb.debian.org/debian", Optional.of("http://deb.debian.org/debian-security"));

  private static final Pattern URL =
      Pattern.compile("(?m)^(?!\\s*#).*?(https?://\\S+/debian(-security)?)/?(?:\\s|$)");

  /// What the machine's own apt uses when it is Debian's, else Debian's public mirror.
  public static DebianMirror ofThisMachine() {
    return find(Path.of("/etc/apt")).orElse(PUBLIC);
  }

  static Optional<DebianMirror> find(Path aptConfiguration) {
    List<Path> files = new ArrayList<>(List.of(aptConfiguration.resolve("sources.list")));
    try (Stream<Path> more = Files.list(aptConfiguration.resolve("sources.list.d"))) {
      more.filter(path -> path.toString().matches(".*\\.(list|sources)"))
          .sorted()
          .forEach(files::add);
    } catch (IOException e) {
      // Not a Debian machine: it has no such directory.
      return Optional.empty();
    }
    Optional<String> archive = Optional.empty();
    Optional<String> security = Optional.empty();
    for (Path file : files) {
      Matcher matcher = URL.matcher(read(file));
      while (matcher.find()) {
        if (matcher.group(2) == null) {
          archive = archive.or(() -> Optional.of(matcher.group(1)));
        } else {
          security = security.or(() -> Optional.of(matcher.group(1)));
        }
      }
    }
    Optional<String> found = security;
    return archive.map(url -> new DebianMirror(url, found));
  }

  /// Lines of a sources list for a suite.
  List<String> sources(DebianSuite suite) {
    List<String> lines = new ArrayList<>();
    lines.add("deb %s %s main".formatted(archive, suite.codename()));
    lines.add("deb %s %s-updates main".formatted(archive, suite.codename()));
    security.ifPresent(
        url -> lines.add("deb %s %s-security main".formatted(url, suite.codename())));
    return lines;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
