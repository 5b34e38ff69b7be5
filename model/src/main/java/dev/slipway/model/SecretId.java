package dev.slipway.model;

/// A secret: named environment variables.
///
/// @param value the id as it travels: `st-` and letters or digits
public record SecretId(String value) {
  public SecretId {
    IdShape.require("st", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
