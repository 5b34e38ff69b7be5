package dev.slipway.controlplane.object;

/// What an object is.
public enum ObjectKind {
  DICT("di", "dict"),
  QUEUE("qu", "queue"),
  SECRET("st", "secret");

  private final String idPrefix;
  private final String noun;

  ObjectKind(String idPrefix, String noun) {
    this.idPrefix = idPrefix;
    this.noun = noun;
  }

  /// What the ids of this kind begin with, before the dash.
  String idPrefix() {
    return idPrefix;
  }

  /// The word for it in a sentence.
  public String noun() {
    return noun;
  }
}
