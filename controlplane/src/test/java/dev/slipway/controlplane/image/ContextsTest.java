package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.MountId;
import dev.slipway.model.WorkspaceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContextsTest {
  private static final WorkspaceId OURS = new WorkspaceId("ac-ours");
  private static final long MOST = 8L << 30;

  private final Contexts contexts = new Contexts(new FakeContextMounts(), MOST);

  @Test
  void aContextOfTenGibibytesIsRefusedWithItsSizeAndTheLimitBeforeAnythingIsCopied() {
    assertThatThrownBy(() -> contexts.require(OURS, request(FakeContextMounts.HUGE, 0)))
        .hasMessageContainingAll("has 10,240 MiB", "may have 8,192 MiB", ".dockerignore");
    assertThatCode(() -> contexts.require(OURS, request(new MountId("mo-1"), 0)))
        .doesNotThrowAnyException();
  }

  @Test
  void filesWithinTheRequestAreFewerStill() {
    int most = (int) Contexts.MOST_INLINE_BYTES;
    assertThatThrownBy(() -> contexts.require(OURS, request(new MountId("mo-1"), most + 1)))
        .hasMessageContainingAll("67,108,864", "'/large'");
  }

  private static ImageRequest request(MountId mount, int inlineBytes) {
    return new ImageRequest(
        "2025.06",
        List.of("FROM debian:12", "COPY . /"),
        Map.of(),
        Map.of(),
        List.of(new InlineFile("/large", new byte[inlineBytes])),
        Optional.of(mount),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        "ap-one",
        ImageRequest.Freshness.CACHED);
  }
}
