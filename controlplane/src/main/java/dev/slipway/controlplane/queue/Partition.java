package dev.slipway.controlplane.queue;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.QueueId;
import dev.slipway.model.SlipwayException;
import java.util.Arrays;
import java.util.HexFormat;

/// One line of items in a queue. The usual one has an empty key.
record Partition(QueueId queue, byte[] key) {
  /// The longest key, in bytes.
  static final int MAX_KEY_BYTES = 64;

  Partition {
    if (key.length > MAX_KEY_BYTES) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "a partition's key has at most %d bytes, and this one has %d"
              .formatted(MAX_KEY_BYTES, key.length));
    }
    key = key.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Partition(QueueId otherQueue, byte[] otherKey)
        && otherQueue.equals(queue)
        && Arrays.equals(otherKey, key);
  }

  @Override
  public int hashCode() {
    return 31 * queue.hashCode() + Arrays.hashCode(key);
  }

  @Override
  public String toString() {
    return queue + "/" + HexFormat.of().formatHex(key);
  }
}
