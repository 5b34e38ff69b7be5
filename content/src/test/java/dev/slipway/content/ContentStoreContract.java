package dev.slipway.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What every [ContentStore] promises. A new store extends this class and passes it unchanged.
abstract class ContentStoreContract {
  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
  private static final Digest HELLO_DIGEST =
      new Digest("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  private static final Digest EMPTY_DIGEST =
      new Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  /// The store under test: the same one, and empty, throughout one test.
  abstract ContentStore store();

  @Test
  void committedContentCanBeReadBack() throws IOException {
    put(HELLO);

    assertThat(store().contains(HELLO_DIGEST)).isTrue();
    assertThat(store().findSize(HELLO_DIGEST)).hasValue(5);
    assertThat(read(store().open(HELLO_DIGEST))).isEqualTo("hello");
  }

  @Test
  void emptyContentIsContent() throws IOException {
    put(new byte[0]);

    assertThat(store().findSize(EMPTY_DIGEST)).hasValue(0);
    assertThat(read(store().open(EMPTY_DIGEST))).isEmpty();
  }

  @Test
  void appendedPiecesMakeOneContent() throws IOException {
    try (Upload upload = store().begin()) {
      upload.append("he".getBytes(StandardCharsets.UTF_8));
      upload.append(new byte[0]);
      ByteBuffer window = ByteBuffer.wrap("..llo..".getBytes(StandardCharsets.UTF_8), 2, 3);
      upload.append(window);
      assertThat(window.hasRemaining()).isFalse();
      assertThat(upload.length()).isEqualTo(5);
      upload.commit(HELLO_DIGEST);
    }

    assertThat(read(store().open(HELLO_DIGEST))).isEqualTo("hello");
  }

  @Test
  void commitWithoutExpectationTellsTheDigest() {
    try (Upload upload = store().begin()) {
      upload.append(HELLO);
      assertThat(upload.commit()).isEqualTo(HELLO_DIGEST);
    }
    assertThat(store().contains(HELLO_DIGEST)).isTrue();
  }

  @Test
  void uploadIsInvisibleUntilCommitted() {
    try (Upload upload = store().begin()) {
      upload.append(HELLO);

      assertThat(store().contains(HELLO_DIGEST)).isFalse();
      assertThat(store().localPath(HELLO_DIGEST)).isEmpty();
      assertThat(listed()).isEmpty();
      upload.commit(HELLO_DIGEST);
    }
    assertThat(store().contains(HELLO_DIGEST)).isTrue();
  }

  @Test
  void wrongDigestIsRefusedAndNothingIsKept() {
    try (Upload upload = store().begin()) {
      upload.append(HELLO);
      assertThatThrownBy(() -> upload.commit(EMPTY_DIGEST))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
          .hasMessageContaining(HELLO_DIGEST.hex())
          .hasMessageContaining(EMPTY_DIGEST.hex());
    }
    assertThat(store().contains(HELLO_DIGEST)).isFalse();
    assertThat(store().contains(EMPTY_DIGEST)).isFalse();
  }

  @Test
  void abortedAndClosedUploadsLeaveNothing() {
    try (Upload upload = store().begin()) {
      upload.append(HELLO);
      upload.abort();
      assertThatThrownBy(() -> upload.append(HELLO)).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(upload::commit).isInstanceOf(IllegalStateException.class);
    }
    try (Upload upload = store().begin()) {
      upload.append(HELLO);
    }
    assertThat(store().contains(HELLO_DIGEST)).isFalse();
    assertThat(listed()).isEmpty();
  }

  @Test
  void closingAfterTheCommitKeepsTheContent() {
    Upload upload = store().begin();
    upload.append(HELLO);
    upload.commit(HELLO_DIGEST);
    upload.abort();
    upload.close();

    assertThat(store().contains(HELLO_DIGEST)).isTrue();
  }

  @Test
  void absentContentIsNotFound() {
    assertThat(store().contains(HELLO_DIGEST)).isFalse();
    assertThat(store().findSize(HELLO_DIGEST)).isEmpty();
    assertThat(store().delete(HELLO_DIGEST)).isFalse();
    assertThatThrownBy(() -> store().open(HELLO_DIGEST).close())
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
        .hasMessageContaining(HELLO_DIGEST.hex());
  }

  @Test
  void rangesAreCutAtTheEnd() throws IOException {
    put(HELLO);

    assertThat(read(store().open(HELLO_DIGEST, 1, 3))).isEqualTo("ell");
    assertThat(read(store().open(HELLO_DIGEST, 3, 100))).isEqualTo("lo");
    assertThat(read(store().open(HELLO_DIGEST, 0, 0))).isEmpty();
    assertThat(read(store().open(HELLO_DIGEST, 5, 1))).isEmpty();
    assertThat(read(store().open(HELLO_DIGEST, 77, 1))).isEmpty();
    try (InputStream one = store().open(HELLO_DIGEST, 4, 1)) {
      assertThat(one.read()).isEqualTo('o');
      assertThat(one.read()).isEqualTo(-1);
    }
  }

  @Test
  void deletedContentIsGoneAndCanComeBack() throws IOException {
    put(HELLO);
    assertThat(store().delete(HELLO_DIGEST)).isTrue();
    assertThat(store().contains(HELLO_DIGEST)).isFalse();

    put(HELLO);
    assertThat(read(store().open(HELLO_DIGEST))).isEqualTo("hello");
  }

  @Test
  void collectionSparesWhatWasCommittedSince() {
    put(HELLO);
    Instant committed = Instant.now();

    assertThat(store().deleteIfCommittedBefore(HELLO_DIGEST, committed.minusSeconds(60))).isFalse();
    assertThat(store().contains(HELLO_DIGEST)).isTrue();
    assertThat(store().deleteIfCommittedBefore(HELLO_DIGEST, committed.plusSeconds(60))).isTrue();
    assertThat(store().contains(HELLO_DIGEST)).isFalse();
    assertThat(store().deleteIfCommittedBefore(HELLO_DIGEST, committed.plusSeconds(60))).isFalse();
  }

  @Test
  void committingAgainRenewsTheTime() throws Exception {
    put(HELLO);
    // Longer than the coarsest clock of a file system in use.
    Thread.sleep(50);
    Instant between = Instant.now();
    Thread.sleep(50);
    put(HELLO);

    assertThat(store().deleteIfCommittedBefore(HELLO_DIGEST, between)).isFalse();
    assertThat(store().contains(HELLO_DIGEST)).isTrue();
  }

  @Test
  void readerKeepsReadingWhatIsDeletedMeanwhile() throws IOException {
    put(HELLO);
    try (InputStream reader = store().open(HELLO_DIGEST)) {
      assertThat(reader.read()).isEqualTo('h');
      store().delete(HELLO_DIGEST);
      assertThat(read(reader)).isEqualTo("ello");
    }
  }

  @Test
  void listShowsEverythingWithSizeAndTime() {
    Instant before = Instant.now().minus(Duration.ofMinutes(1));
    put(HELLO);
    put(new byte[0]);

    assertThat(listed())
        .extracting(ContentStore.StoredContent::digest)
        .containsExactlyInAnyOrder(HELLO_DIGEST, EMPTY_DIGEST);
    assertThat(listed())
        .allSatisfy(content -> {
          assertThat(content.size()).isEqualTo(store().findSize(content.digest()).getAsLong());
          assertThat(content.committedAt())
              .isBetween(before, Instant.now().plus(Duration.ofMinutes(1)));
        });
  }

  @Test
  void manyMayUploadTheSameContentAtOnce() throws Exception {
    byte[] bytes = new byte[300_000];
    new Random(7).nextBytes(bytes);
    Digest digest = Digest.of(MessageDigest.getInstance("SHA-256").digest(bytes));
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Digest>> uploads = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        uploads.add(callers.submit(() -> put(bytes)));
      }
      for (Future<Digest> upload : uploads) {
        assertThat(upload.get()).isEqualTo(digest);
      }
    }
    try (InputStream stored = store().open(digest)) {
      assertThat(stored.readAllBytes()).isEqualTo(bytes);
    }
    assertThat(listed()).hasSize(1);
  }

  final Digest put(byte[] bytes) {
    try (Upload upload = store().begin()) {
      upload.append(bytes);
      return upload.commit();
    }
  }

  private List<ContentStore.StoredContent> listed() {
    List<ContentStore.StoredContent> contents = new ArrayList<>();
    store().list(contents::add);
    return contents;
  }

  private static String read(InputStream stream) throws IOException {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
