package dev.slipway.model;

/// An app: the functions that one program publishes together.
///
/// @param value the id as it travels: `ap-` and letters or digits
public record AppId(String value) {
  public AppId {
    IdShape.require("ap", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
