package dev.slipway.controlplane.rpc;

/// Which program speaks: the official clients tell it with every call.
public enum ClientKind {
  /// The Python client on a developer's machine.
  PYTHON,
  /// The Python client inside a container.
  CONTAINER,
  /// The JavaScript client.
  JAVASCRIPT,
  /// The Go client.
  GO;

  /// The kind behind the number in the metadata. Numbers that no client of today sends, and a
  /// missing one, are read as the Python client: the oldest and most lenient treatment.
  static ClientKind ofNumber(int number) {
    return switch (number) {
      case 3 -> CONTAINER;
      case 7, 8 -> JAVASCRIPT;
      case 9 -> GO;
      default -> PYTHON;
    };
  }
}
