package dev.slipway.controlplane.queue;

/// What became of a put.
enum PutOutcome {
  /// The items are in the queue.
  ADDED,
  /// An earlier attempt of the same put has added them.
  ADDED_BEFORE,
  /// The partition has no room for the items.
  PARTITION_FULL,
  /// The queue has as many partitions as it may have.
  TOO_MANY_PARTITIONS
}
