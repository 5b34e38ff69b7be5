package dev.slipway.model;

/// A class of an app.
///
/// @param value the id as it travels: `cs-` and letters or digits
public record ClassId(String value) {
  public ClassId {
    IdShape.require("cs", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
