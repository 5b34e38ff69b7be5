package dev.slipway.model;

/// A call of a function, which holds one input or, for a map, many.
///
/// @param value the id as it travels: `fc-` and letters or digits
public record CallId(String value) {
  public CallId {
    IdShape.require("fc", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
