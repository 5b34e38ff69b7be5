package dev.slipway.worker.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What is mounted where, as this process sees it.
public final class MountTable {
  private static final Path TABLE = Path.of("/proc/self/mountinfo");
  private static final int TARGET_FIELD = 4;
  private static final Pattern ESCAPE = Pattern.compile("\\\\([0-7]{3})");

  private MountTable() {}

  /// The targets of all mounts at or below a directory, in the order in which they were mounted.
  public static List<Path> listBelow(Path directory) throws IOException {
    Path root = directory.toAbsolutePath().normalize();
    return Files.readAllLines(TABLE).stream()
        .map(line -> Path.of(unescape(line.split(" ")[TARGET_FIELD])))
        .filter(target -> target.startsWith(root))
        .toList();
  }

  /// Takes away every mount at or below a directory: what a process that was killed left behind.
  ///
  /// @return how many there were
  public static int detachBelow(Path directory) throws IOException {
    List<Path> targets = listBelow(directory);
    for (Path target : targets.reversed()) {
      FileSystems.detach(target);
    }
    return targets.size();
  }

  /// The kernel writes blanks, tabs, line ends and backslashes as three octal digits.
  static String unescape(String field) {
    Matcher matcher = ESCAPE.matcher(field);
    return matcher.replaceAll(found ->
        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 8))));
  }
}
