package dev.slipway.model;

/// An image: the layers that one step of a recipe ends with.
///
/// @param value the id as it travels: `im-` and letters or digits
public record ImageId(String value) {
  public ImageId {
    IdShape.require("im", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
