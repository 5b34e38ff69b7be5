package dev.slipway.controlplane.blob;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.QueryParams;
import dev.slipway.model.BlobId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BlobLinksTest {
  private static final Instant NOW = Instant.parse("2026-11-25T08:00:00Z");
  private static final BlobLink LINK =
      new BlobLink(new BlobId("bl-abc123"), BlobLink.Purpose.UPLOAD_PART, 7, NOW.plusSeconds(3600));

  private final BlobLinks links = at(NOW);

  @Test
  void sealedLinksAreRecognised() {
    assertThat(check(links, links.seal(LINK))).isEqualTo(new BlobLinks.Checked.Valid(LINK));
  }

  @Test
  void linksExpire() {
    BlobLinks later = at(LINK.expires().plus(Duration.ofMillis(1)));

    assertThat(check(later, links.seal(LINK))).isEqualTo(new BlobLinks.Checked.Expired(LINK));
    assertThat(check(at(LINK.expires()), links.seal(LINK)))
        .isEqualTo(new BlobLinks.Checked.Valid(LINK));
  }

  @Test
  void changedLinksAreUnknown() {
    String sealed = links.seal(LINK);
    List<String> changed =
        List.of(
            sealed.replace("bl-abc123", "bl-abc124"),
            sealed.replace("part=7", "part=8"),
            sealed.replace("for=upload_part", "for=download"),
            sealed.replaceFirst("until=\\d+", "until=9999999999"),
            sealed.replaceFirst("seal=.", "seal=!"),
            sealed.replaceFirst("&seal=.*", ""),
            "/blob/bl-abc123",
            "/blob/",
            "/blob/bl-abc123?for=x&part=y&until=z&seal=w");

    assertThat(changed)
        .allSatisfy(
            link -> assertThat(check(links, link)).isEqualTo(new BlobLinks.Checked.Unknown()));
  }

  @Test
  void linksOfAnotherInstallationAreUnknown() {
    BlobLinks other = new BlobLinks(new byte[] {9}, Clock.fixed(NOW, ZoneOffset.UTC));

    assertThat(check(links, other.seal(LINK))).isEqualTo(new BlobLinks.Checked.Unknown());
  }

  private static BlobLinks.Checked check(BlobLinks links, String pathAndQuery) {
    String[] halves = pathAndQuery.split("\\?", 2);
    QueryParams parameters =
        halves.length == 2 ? QueryParams.fromQueryString(halves[1]) : QueryParams.of();
    return links.check(halves[0], parameters::get);
  }

  private static BlobLinks at(Instant time) {
    return new BlobLinks(new byte[] {1, 2, 3}, Clock.fixed(time, ZoneOffset.UTC));
  }
}
