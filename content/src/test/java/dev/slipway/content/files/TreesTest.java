package dev.slipway.content.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreesTest {
  @Test
  void whatIsNotThereIsDeleted(@TempDir Path directory) {
    assertThatCode(() -> Trees.delete(directory.resolve("never"))).doesNotThrowAnyException();
  }

  @Test
  void linksAreDeletedAndNotFollowed(@TempDir Path directory) throws Exception {
    Path kept = Files.createDirectory(directory.resolve("kept"));
    Files.writeString(kept.resolve("file"), "still here");
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Files.createSymbolicLink(tree.resolve("link"), kept);

    Trees.delete(tree);

    assertThat(tree).doesNotExist();
    assertThat(kept.resolve("file")).hasContent("still here");
  }

  /// A socket's file is deleted by whoever closes the socket, while its directory is deleted here.
  @Test
  void whatOthersDeleteMeanwhileIsGoneAsWell(@TempDir Path directory) throws Exception {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    for (int i = 0; i < 40; i++) {
      Path branch = Files.createDirectory(tree.resolve("branch" + i));
      for (int j = 0; j < 50; j++) {
        Files.createFile(branch.resolve("leaf" + j));
      }
    }
    CountDownLatch both = new CountDownLatch(2);
    Runnable deleting =
        () -> {
          both.countDown();
          assertThatCode(
                  () -> {
                    both.await();
                    Trees.delete(tree);
                  })
              .doesNotThrowAnyException();
        };
    CompletableFuture<Void> other = CompletableFuture.runAsync(deleting);

    deleting.run();

    other.get(30, TimeUnit.SECONDS);
    assertThat(tree).doesNotExist();
  }
}
