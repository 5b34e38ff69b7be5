package dev.slipway.worker.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.slipway.worker.container.ContainerSpec.Bind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class DownloadCachesTest {
  private static final long LIMIT = 1_000;

  @TempDir Path directory;
  private DownloadCaches caches;

  @BeforeEach
  void open() throws IOException {
    caches = DownloadCaches.open(directory, LIMIT);
  }

  @Test
  void whatACommandDownloadedLaterOnesOfTheWorkspaceSeeAndNobodyElse() throws IOException {
    try (DownloadCaches.Lease first = lease("ours")) {
      Files.writeString(at(first, "/__modal/cache/pip").resolve("wheel"), "w");
      Files.writeString(at(first, "/__modal/cache/uv").resolve("archive"), "u");
    }
    try (DownloadCaches.Lease second = lease("ours");
        DownloadCaches.Lease theirs = lease("theirs")) {
      assertThat(at(second, "/__modal/cache/pip").resolve("wheel")).hasContent("w");
      assertThat(at(second, "/__modal/cache/uv").resolve("archive")).hasContent("u");
      assertThat(at(theirs, "/__modal/cache/pip")).isEmptyDirectory();
    }
    caches = DownloadCaches.open(directory, LIMIT);
    try (DownloadCaches.Lease later = lease("ours")) {
      assertThat(at(later, "/__modal/cache/pip").resolve("wheel")).hasContent("w");
    }
  }

  @Test
  void packagesOfAptAreTakenOverFromCommandsThatSucceeded() throws IOException {
    try (DownloadCaches.Lease failed = lease("ours")) {
      Files.writeString(kept(failed).resolve("broken_1_amd64.deb"), "x");
    }
    try (DownloadCaches.Lease one = lease("ours");
        DownloadCaches.Lease other = lease("ours")) {
      assertThat(archives(one).resolve("broken_1_amd64.deb")).doesNotExist();
      Files.writeString(kept(one).resolve("git_2_amd64.deb"), "git");
      Files.writeString(kept(other).resolve("git_2_amd64.deb"), "git");
      Files.writeString(kept(one).resolve("notes"), "no package");
      Files.createSymbolicLink(kept(one).resolve("link_1_amd64.deb"), Path.of("/etc/passwd"));
      one.succeeded();
      other.succeeded();
    }
    try (DownloadCaches.Lease later = lease("ours")) {
      assertThat(archives(later).resolve("git_2_amd64.deb")).hasContent("git");
      assertThat(archives(later).resolve("notes")).doesNotExist();
      assertThat(Files.isSymbolicLink(archives(later).resolve("link_1_amd64.deb"))).isFalse();
      // What one command cleans away, others still have.
      Files.delete(archives(later).resolve("git_2_amd64.deb"));
    }
    try (DownloadCaches.Lease last = lease("ours")) {
      assertThat(archives(last).resolve("git_2_amd64.deb")).exists();
    }
  }

  @Test
  void aCacheThatHasOutgrownItsLimitIsGivenUpWhenNobodySeesItAnyMore() throws IOException {
    DownloadCaches.Lease using = lease("ours");
    Path old = at(using, "/__modal/cache/pip");
    try (DownloadCaches.Lease other = lease("ours")) {
      assertThat(at(other, "/__modal/cache/pip")).isEqualTo(old);
      Files.write(old.resolve("large"), new byte[(int) LIMIT + 1]);
    }
    await()
        .untilAsserted(() -> {
          try (DownloadCaches.Lease fresh = lease("ours")) {
            assertThat(at(fresh, "/__modal/cache/pip")).isEmptyDirectory();
          }
        });
    assertThat(old.resolve("large")).exists();
    using.close();
    await().untilAsserted(() -> assertThat(old).doesNotExist());
  }

  private DownloadCaches.Lease lease(String scope) throws IOException {
    return caches.lease(scope, directory.resolve(UUID.randomUUID().toString()));
  }

  private static Path archives(DownloadCaches.Lease lease) {
    return at(lease, "/__modal/cache/apt");
  }

  private static Path kept(DownloadCaches.Lease lease) {
    return archives(lease).resolve("kept");
  }

  private static Path at(DownloadCaches.Lease lease, String target) {
    return lease.binds().stream()
        .filter(bind -> bind.destination().equals(target))
        .map(Bind::source)
        .findFirst()
        .orElseThrow();
  }
}
