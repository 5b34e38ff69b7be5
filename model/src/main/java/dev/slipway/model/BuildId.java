package dev.slipway.model;

/// One attempt to build an image.
///
/// @param value the id as it travels: `bu-` and letters or digits
public record BuildId(String value) {
  public BuildId {
    IdShape.require("bu", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
