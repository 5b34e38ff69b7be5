package dev.slipway.worker.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The users or groups that a process can give files to, as the kernel lists them.
///
/// @param ranges each from its first number to its last
public record IdMap(List<Range> ranges) {
  /// Numbers that follow each other.
  public record Range(long first, long last) {}

  public IdMap {
    ranges = List.copyOf(ranges);
  }

  /// Reads a file such as `/proc/self/uid_map`; one that cannot be read has nobody.
  public static IdMap read(Path file) {
    try {
      return new IdMap(Files.readAllLines(file).stream().flatMap(IdMap::range).toList());
    } catch (IOException e) {
      return new IdMap(List.of());
    }
  }

  private static Stream<Range> range(String line) {
    String[] words = line.strip().split("\\s+");
    if (words.length != 3) {
      return Stream.of();
    }
    long first = Long.parseLong(words[0]);
    return Stream.of(new Range(first, first + Long.parseLong(words[2]) - 1));
  }

  /// Whether one of the ranges has all of these.
  public boolean has(long first, long last) {
    return ranges.stream().anyMatch(range -> range.first() <= first && range.last() >= last);
  }
}
