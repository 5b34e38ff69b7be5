package dev.slipway.launcher;

import dev.slipway.model.IdSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a worker calls itself: minted once per data directory, so that the server knows it again
/// when it comes back.
final class WorkerName {
  private static final String FILE = "worker-id";

  private WorkerName() {}

  static String ofThisMachine(Path data) {
    Path file = data.resolve(FILE);
    try {
      if (!Files.exists(file)) {
        Files.writeString(file, IdSource.secure().next("wo") + "\n");
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new StartRefusedException(
          ExitStatus.DATA_UNUSABLE, file + " cannot be used: " + e.getMessage(), e);
    }
  }
}
