package dev.slipway.model;

/// One input of a call.
///
/// @param value the id as it travels: `in-` and letters or digits
public record InputId(String value) {
  public InputId {
    IdShape.require("in", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
