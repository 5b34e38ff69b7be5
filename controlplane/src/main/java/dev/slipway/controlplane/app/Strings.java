package dev.slipway.controlplane.app;

import java.util.Map;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/// Maps of strings as the database keeps them.
final class Strings {
  private static final TypeReference<Map<String, String>> TYPE = new TypeReference<>() {};
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Strings() {}

  static String json(Map<String, String> strings) {
    return JSON.writeValueAsString(strings);
  }

  static Map<String, String> parse(String json) {
    return JSON.readValue(json, TYPE);
  }
}
