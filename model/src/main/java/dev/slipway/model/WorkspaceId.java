package dev.slipway.model;

/// A workspace: the outermost border of what an identity can see.
///
/// @param value the id as it travels: `ac-` and letters or digits
public record WorkspaceId(String value) {
  public WorkspaceId {
    IdShape.require("ac", value);
  }

  @Override
  public String toString() {
    return value;
  }
}
