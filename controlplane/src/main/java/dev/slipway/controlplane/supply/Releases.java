package dev.slipway.controlplane.supply;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Order among the releases of a project. Pre-releases and other odd versions do not take part.
final class Releases {
  private static final Pattern FINAL =
      Pattern.compile("(\\d+(?:\\.\\d+)*)(?:\\.?post(\\d+))?", Pattern.CASE_INSENSITIVE);

  private Releases() {}

  private record Release(String text, List<Integer> numbers, int post)
      implements Comparable<Release> {
    static Optional<Release> parse(String text) {
      Matcher matcher = FINAL.matcher(text);
      if (!matcher.matches() || text.length() > 60) {
        return Optional.empty();
      }
      List<Integer> numbers = new ArrayList<>();
      for (String number : matcher.group(1).split("\\.")) {
        if (number.length() > 9) {
          return Optional.empty();
        }
        numbers.add(Integer.valueOf(number));
      }
      String post = matcher.group(2);
      return Optional.of(new Release(text, numbers, post == null ? -1 : Integer.parseInt(post)));
    }

    @Override
    public int compareTo(Release other) {
      for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
        int order = Integer.compare(number(i), other.number(i));
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(post, other.post);
    }

    private int number(int index) {
      return index < numbers.size() ? numbers.get(index) : 0;
    }
  }

  /// The first release after the wanted one, else the last one before it.
  static Optional<String> nearest(String wanted, Collection<String> available) {
    Optional<Release> target = Release.parse(wanted);
    if (target.isEmpty()) {
      return Optional.empty();
    }
    List<Release> releases =
        available.stream()
            .map(Release::parse)
            .flatMap(Optional::stream)
            .sorted(Comparator.naturalOrder())
            .toList();
    return releases.stream()
        .filter(release -> release.compareTo(target.get()) >= 0)
        .findFirst()
        .or(() -> releases.isEmpty() ? Optional.empty() : Optional.of(releases.getLast()))
        .map(Release::text);
  }
}
