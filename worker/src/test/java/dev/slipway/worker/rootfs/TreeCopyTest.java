package dev.slipway.worker.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.content.files.FileNodes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ServerSocketChannel;
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
  void namesOfOneFileStayThat() throws IOException {
    Path source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("a"), "text");
    Files.createLink(source.resolve("b"), source.resolve("a"));
    Files.writeString(source.resolve("c"), "other");

    copy.copyContents(source, "/there");
    assertThat(inode("there/b")).isEqualTo(inode("there/a")).isNotEqualTo(inode("there/c"));
    copy.copyFile(source.resolve("c"), "/there/a");
    copy.copyFile(source.resolve("b"), "/there/d");

    assertThat(root.resolve("there/a")).hasContent("other");
    assertThat(root.resolve("there/b")).hasContent("text");
    assertThat(root.resolve("there/d")).hasContent("text");
  }

  private Object inode(String path) throws IOException {
    return Files.getAttribute(root.resolve(path), "unix:ino");
  }

  @Test
  void capabilitiesAndPipesAreKeptAndSocketsLeftOut() throws IOException {
    // Version 2, with cap_net_bind_service permitted and effective.
    byte[] capability = {1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    Path source = Files.createDirectory(directory.resolve("source"));
    Path program = Files.writeString(source.resolve("program"), "x");
    FileNodes.setAttribute(program, "security.capability", capability);
    FileNodes.makePipe(source.resolve("pipe"));
    Files.setAttribute(source.resolve("pipe"), "unix:mode", 0622);
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(source.resolve("socket")));

      copy.copyContents(source, "/there");
    }

    assertThat(FileNodes.findAttribute(root.resolve("there/program"), "security.capability", 64))
        .hasValueSatisfying(kept -> assertThat(kept).isEqualTo(capability));
    assertThat((Integer) Files.getAttribute(root.resolve("there/pipe"), "unix:mode"))
        .isEqualTo(0010622);
    assertThat(root.resolve("there/socket")).doesNotExist();
    assertThat(copy.leftOut()).containsExactly("/there/socket");
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
