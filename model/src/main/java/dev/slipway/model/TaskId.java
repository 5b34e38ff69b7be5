package dev.slipway.model;

/// A task: one container, from its placement to its end.
///
/// @param value the id as it travels: `ta-` and letters or digits
public record TaskId(String value) {
  public TaskId {
    IdShape.require("ta", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
