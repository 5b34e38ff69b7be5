package dev.slipway.model;

/// A queue that programs share.
///
/// @param value the id as it travels: `qu-` and letters or digits
public record QueueId(String value) {
  public QueueId {
    IdShape.require("qu", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
