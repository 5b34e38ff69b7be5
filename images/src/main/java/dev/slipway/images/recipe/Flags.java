package dev.slipway.images.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The `--name=value` words between an instruction and what it is about.
///
/// @param rest what stands behind them
record Flags(LogicalLine line, List<Map.Entry<String, String>> values, String rest) {
  Flags {
    values = List.copyOf(values);
  }

  /// @param known flags that the caller understands
  /// @param refused flags that other builders have and this one has not
  static Flags read(LogicalLine line, Set<String> known, Set<String> refused) {
    List<Map.Entry<String, String>> values = new ArrayList<>();
    String rest = line.arguments();
    while (rest.startsWith("--")) {
      String word = Words.split(line, rest).getFirst();
      rest = rest.substring(word.length()).strip();
      int equals = word.indexOf('=');
      String name = word.substring(2, equals < 0 ? word.length() : equals);
      String keyword = line.keyword();
      if (refused.contains(name)) {
        throw line.unsupported("%s does not support the flag --%s".formatted(keyword, name));
      } else if (!known.contains(name)) {
        throw line.malformed("%s has no flag --%s".formatted(keyword, name));
      }
      values.add(Map.entry(name, equals < 0 ? "true" : word.substring(equals + 1)));
    }
    return new Flags(line, values, rest);
  }

  /// The value of a flag that may be given once.
  Optional<String> find(String name) {
    List<String> all = list(name);
    if (all.size() > 1) {
      throw line.malformed("the flag --" + name + " is given twice");
    }
    return all.stream().findFirst();
  }

  /// A template; empty when the flag is not given.
  String template(String name) {
    return find(name).map(value -> Words.template(line, value)).orElse("");
  }

  /// Whether a flag says yes.
  boolean isSet(String name) {
    return find(name).filter(value -> isTrue(line, name, value)).isPresent();
  }

  List<String> list(String name) {
    return values.stream()
        .filter(entry -> entry.getKey().equals(name))
        .map(Map.Entry::getValue)
        .toList();
  }

  /// Reads yes or no; a name without a value is a yes.
  static boolean isTrue(LogicalLine line, String name, @Nullable String value) {
    if (value == null || value.isEmpty() || value.equals("true") || value.equals("1")) {
      return true;
    }
    if (value.equals("false") || value.equals("0")) {
      return false;
    }
    throw line.malformed("'%s' of %s is neither true nor false".formatted(value, name));
  }
}
