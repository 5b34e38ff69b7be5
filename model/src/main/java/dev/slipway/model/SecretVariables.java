package dev.slipway.model;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Environment variables whose values only the program may see that they are for. A log or an error
/// that mentions them shows their names.
///
/// @param values by name, in the order of the names
public record SecretVariables(SortedMap<String, String> values) {
  private static final SecretVariables NONE = of(Map.of());

  public SecretVariables {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  public static SecretVariables of(Map<String, String> values) {
    return new SecretVariables(new TreeMap<>(values));
  }

  public static SecretVariables none() {
    return NONE;
  }

  @Override
  public String toString() {
    return "SecretVariables" + values.keySet();
  }
}
