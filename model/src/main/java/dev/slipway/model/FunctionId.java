package dev.slipway.model;

/// A function, or one variant of it bound to parameters or options.
///
/// @param value the id as it travels: `fu-` and letters or digits
public record FunctionId(String value) {
  public FunctionId {
    IdShape.require("fu", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
