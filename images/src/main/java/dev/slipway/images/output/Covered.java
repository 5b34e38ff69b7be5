package dev.slipway.images.output;

import dev.slipway.model.SecretVariables;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Covers the values of secrets in what a program writes, wherever the pieces of it are cut: what
/// could be the beginning of a value is held back until it is clear whether it is. For one thread.
public final class Covered {
  /// Shorter values, such as `1` or `main`, are in every text.
  static final int SHORTEST = 8;

  private record Value(String text, String cover) {}

  /// The longest first: one value may be the beginning of another.
  private final List<Value> values;

  private String held = "";

  public Covered(SecretVariables secrets) {
    List<Value> found = new ArrayList<>();
    for (Map.Entry<String, String> secret : secrets.values().entrySet()) {
      // Programs write the lines of a value one by one, and without the blanks around them.
      secret
          .getValue()
          .lines()
          .map(String::strip)
          .filter(line -> line.length() >= SHORTEST)
          .forEach(line -> found.add(new Value(line, "[" + secret.getKey() + "]")));
    }
    found.sort(Comparator.comparingInt((Value value) -> value.text().length()).reversed());
    this.values = List.copyOf(found);
  }

  /// What may be shown now that this came.
  public String add(String piece) {
    return show(held + piece, false);
  }

  /// What was held back, when nothing comes any more.
  public String end() {
    return show(held, true);
  }

  private String show(String text, boolean complete) {
    StringBuilder shown = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      if (!complete && isBeginning(text, at)) {
        break;
      }
      Optional<Value> value = find(text, at);
      shown.append(value.map(Value::cover).orElse(text.substring(at, at + 1)));
      at += value.map(one -> one.text().length()).orElse(1);
    }
    held = text.substring(at);
    return shown.toString();
  }

  /// Whether what comes next could make a value of the rest.
  private boolean isBeginning(String text, int at) {
    int left = text.length() - at;
    return values.stream()
        .anyMatch(
            value -> value.text().length() > left && text.regionMatches(at, value.text(), 0, left));
  }

  private Optional<Value> find(String text, int at) {
    for (Value value : values) {
      if (text.startsWith(value.text(), at)) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }
}
