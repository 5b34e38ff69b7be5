package dev.slipway.controlplane.app;

import java.util.Map;

/// What an app consists of: everything of it becomes valid at once, or nothing.
///
/// @param functionIds name to id; a class has one under its name and `.*`
/// @param classIds name to id
/// @param definitionIds function id to the id of the definition that is valid
public record Publication(
    Map<String, String> functionIds,
    Map<String, String> classIds,
    Map<String, String> definitionIds) {
  /// Of an app that has published nothing.
  public static final Publication NOTHING = new Publication(Map.of(), Map.of(), Map.of());

  public Publication {
    functionIds = Map.copyOf(functionIds);
    classIds = Map.copyOf(classIds);
    definitionIds = Map.copyOf(definitionIds);
  }
}
