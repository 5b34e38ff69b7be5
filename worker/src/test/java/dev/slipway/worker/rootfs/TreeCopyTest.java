package dev.slipway.worker.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class TreeCopyTest {
  /// More than is copied in the time that an interrupt takes.
  private static final long HUGE = 4L << 30;

  @TempDir Path directory;
  private Path root;
  private TreeCopy copy;

  @BeforeEach
  void open() throws IOException {
    root = Files.createDirectory(directory.resolve("root"));
    copy = new TreeCopy(new InsideRoot(root));
  }

  @AfterEach
  void lowerTheFlag() {
    Thread.interrupted();
  }

  @Test
  void anInterruptEndsTheCopyOfADirectory() throws IOException {
    Path source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("a"), "a");
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> copy.copyContents(source, "/there"))
        .isInstanceOf(ClosedByInterruptException.class);

    assertThat(root.resolve("there/a")).doesNotExist();
  }

  @Test
  void anInterruptEndsTheCopyOfALargeFile() throws IOException {
    Path source = directory.resolve("huge");
    try (RandomAccessFile file = new RandomAccessFile(source.toFile(), "rw")) {
      file.setLength(HUGE);
    }
    CompletableFuture<Void> end = new CompletableFuture<>();
    Thread copying =
        Thread.ofVirtual()
            .start(() -> {
              try {
                copy.copyFile(source, "/huge");
                end.complete(null);
              } catch (IOException e) {
                end.completeExceptionally(e);
              }
            });
    Path target = root.resolve("huge");
    Awaitility.await().until(() -> Files.exists(target) && Files.size(target) > 0);

    copying.interrupt();

    assertThatThrownBy(end::join).hasCauseInstanceOf(ClosedByInterruptException.class);
    assertThat(Files.exists(target) ? Files.size(target) : 0).isLessThan(HUGE);
  }
}
