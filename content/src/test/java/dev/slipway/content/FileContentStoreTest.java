package dev.slipway.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileContentStoreTest extends ContentStoreContract {
  private static final byte[] BYTES = {1, 2, 3};

  @TempDir Path directory;
  private FileContentStore store;

  @BeforeEach
  void openStore() {
    store = new FileContentStore(directory);
  }

  @Override
  ContentStore store() {
    return store;
  }

  @Test
  void localPathIsAFileWithExactlyTheseBytes() throws IOException {
    Digest digest = put(BYTES);

    assertThat(Files.readAllBytes(store.localPath(digest).orElseThrow())).isEqualTo(BYTES);
  }

  @Test
  void openingAfterACrashKeepsContentAndRemovesUnfinishedUploads() throws IOException {
    Digest digest = put(BYTES);
    Upload crashed = store.begin();
    crashed.append(BYTES);
    assertThat(files("incoming")).isEqualTo(1);

    FileContentStore reopened = new FileContentStore(directory);

    assertThat(files("incoming")).isZero();
    assertThat(reopened.contains(digest)).isTrue();
  }

  @Test
  void finishedUploadsLeaveNoFileBehind() throws IOException {
    put(BYTES);
    put(BYTES);
    try (Upload refused = store.begin()) {
      assertThatThrownBy(() -> refused.commit(new Digest("0".repeat(64))))
          .isInstanceOf(SlipwayException.class);
    }

    assertThat(files("incoming")).isZero();
    assertThat(files("objects")).isEqualTo(1);
  }

  @Test
  void fullDiskRefusesUploadsAndKeepsServing() {
    Digest digest = put(BYTES);

    FileContentStore full = new FileContentStore(directory, Long.MAX_VALUE);

    assertThatThrownBy(full::begin)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining("disk of the content store is full")
        .hasMessageContaining(directory.toString());
    assertThat(full.contains(digest)).isTrue();
  }

  @Test
  void diskThatFillsUpDuringAnUploadRefusesIt() throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    FileContentStore nearlyFull = new FileContentStore(directory, free - (8L << 20));
    byte[] megabyte = new byte[1 << 20];

    assertThatThrownBy(
            () -> {
              try (Upload upload = nearlyFull.begin()) {
                for (int i = 0; i < 64; i++) {
                  upload.append(megabyte);
                }
              }
            })
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    assertThat(files("incoming")).isZero();
  }

  @Test
  void storeWhoseDirectoryVanishedSaysSo() throws IOException {
    Files.delete(directory.resolve("incoming"));

    assertThatThrownBy(store::begin)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining(directory.toString());
  }

  private long files(String below) throws IOException {
    try (Stream<Path> paths = Files.walk(directory.resolve(below))) {
      return paths.filter(Files::isRegularFile).count();
    }
  }
}
