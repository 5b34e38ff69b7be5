package dev.slipway.model;

/// A mount: a set of files whose contents its id names.
///
/// @param value the id as it travels: `mo-` and letters or digits
public record MountId(String value) {
  public MountId {
    IdShape.require("mo", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
