package dev.slipway.controlplane.queue;

/// How much is in a queue.
///
/// @param partitions those that have items
/// @param items of all partitions
record QueueSize(int partitions, long items) {
  static final QueueSize EMPTY = new QueueSize(0, 0);
}
