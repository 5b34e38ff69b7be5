package dev.slipway.model;

/// An environment of a workspace.
///
/// @param value the id as it travels: `en-` and letters or digits
public record EnvironmentId(String value) {
  public EnvironmentId {
    IdShape.require("en", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
