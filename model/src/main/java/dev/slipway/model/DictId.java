package dev.slipway.model;

/// A dictionary that programs share.
///
/// @param value the id as it travels: `di-` and letters or digits
public record DictId(String value) {
  public DictId {
    IdShape.require("di", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
