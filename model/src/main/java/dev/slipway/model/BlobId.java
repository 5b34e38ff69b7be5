package dev.slipway.model;

/// A blob: bytes too large for a message, moved over HTTP.
///
/// @param value the id as it travels: `bl-` and letters or digits
public record BlobId(String value) {
  public BlobId {
    IdShape.require("bl", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
