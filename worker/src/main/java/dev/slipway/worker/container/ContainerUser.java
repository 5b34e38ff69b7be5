package dev.slipway.worker.container;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.worker.machine.Ownership;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The user whose processes a container runs, in the numbers of the container.
///
/// @param groups further groups
/// @param home their home directory
public record ContainerUser(int uid, int gid, List<Integer> groups, String home) {
  private static final int PASSWD_FIELDS = 7;
  private static final int GROUP_FIELDS = 4;

  /// Most bytes of an image's user list that are read.
  private static final long FILE_LIMIT_BYTES = 4L << 20;

  public ContainerUser {
    groups = List.copyOf(groups);
  }

  /// Finds the user that an image names.
  ///
  /// @param user empty for root; `name`, `uid`, `name:group`, `uid:gid`
  /// @throws SlipwayException of kind `INVALID` when the image has no such user or group
  public static ContainerUser find(Path rootfs, String user) {
    String[] parts = user.isEmpty() ? new String[] {"0"} : user.split(":", 2);
    List<String[]> users = entries(rootfs, "passwd", PASSWD_FIELDS);
    List<String[]> groups = entries(rootfs, "group", GROUP_FIELDS);
    Optional<String[]> known =
        users.stream()
            .filter(entry -> entry[0].equals(parts[0]) || entry[2].equals(parts[0]))
            .findFirst();
    int uid =
        known
            .map(entry -> number(entry[2]))
            .or(() -> isNumber(parts[0]) ? Optional.of(number(parts[0])) : Optional.empty())
            .orElseThrow(() -> missing("user", parts[0], user));
    int gid = known.map(entry -> number(entry[3])).orElse(0);
    if (parts.length == 2) {
      gid =
          groups.stream()
              .filter(entry -> entry[0].equals(parts[1]))
              .map(entry -> number(entry[2]))
              .findFirst()
              .or(() -> isNumber(parts[1]) ? Optional.of(number(parts[1])) : Optional.empty())
              .orElseThrow(() -> missing("group", parts[1], user));
    }
    List<Integer> further = new ArrayList<>();
    known.ifPresent(entry ->
        groups.stream()
            .filter(group -> List.of(group[3].split(",")).contains(entry[0]))
            .forEach(group -> further.add(number(group[2]))));
    String home = known.map(entry -> entry[5]).filter(path -> path.startsWith("/")).orElse("/");
    return new ContainerUser(uid, gid, further, home);
  }

  /// Looks at what can be told without the image.
  ///
  /// @throws SlipwayException of kind `INVALID` for the number of a user or group that no container
  ///   has
  public static void requirePossible(String user) {
    for (String part : user.split(":", 2)) {
      if (isNumber(part)) {
        Ownership.require(Long.parseLong(part));
      }
    }
  }

  /// Lines of a file in the image's `/etc`. No link is followed: it would lead out of the image.
  private static List<String[]> entries(Path rootfs, String name, int fields) {
    Path directory = rootfs.resolve("etc");
    Path file = directory.resolve(name);
    try {
      if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
          || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || Files.size(file) > FILE_LIMIT_BYTES) {
        return List.of();
      }
      try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
        return lines
            .map(line -> line.split(":", -1))
            .filter(entry -> entry.length >= fields && isNumber(entry[2]))
            .filter(entry -> fields != PASSWD_FIELDS || isNumber(entry[3]))
            .toList();
      }
    } catch (IOException e) {
      throw new SlipwayException(
          ErrorKind.UNAVAILABLE, "the image's /etc/" + name + " cannot be read: " + e, e);
    }
  }

  private static boolean isNumber(String text) {
    return !text.isEmpty()
        && text.length() <= 10
        && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static int number(String text) {
    long value = Long.parseLong(text);
    Ownership.require(value);
    return (int) value;
  }

  private static SlipwayException missing(String kind, String name, String user) {
    return new SlipwayException(
        ErrorKind.INVALID,
        "the image has no %s '%s', which its user '%s' asks for".formatted(kind, name, user));
  }
}
