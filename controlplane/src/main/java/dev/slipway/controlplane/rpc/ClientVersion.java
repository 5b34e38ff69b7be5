package dev.slipway.controlplane.rpc;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The version of the client that calls. Pre-releases and development builds count as the release
/// that they lead to.
public record ClientVersion(int major, int minor, int patch) implements Comparable<ClientVersion> {
  /// The oldest client that is served, and what a call without a version is taken for.
  public static final ClientVersion OLDEST_SUPPORTED = new ClientVersion(1, 0, 0);

  private static final Pattern FORM =
      Pattern.compile("(\\d{1,6})\\.(\\d{1,6})(?:\\.(\\d{1,6}))?(?:[.+\\-a-z][0-9A-Za-z.+\\-]*)?");
  private static final int SHOWN_LENGTH = 40;
  private static final Comparator<ClientVersion> ORDER =
      Comparator.comparingInt(ClientVersion::major)
          .thenComparingInt(ClientVersion::minor)
          .thenComparingInt(ClientVersion::patch);

  /// Reads a version such as `1.6.4` or `1.0.5.dev12`.
  public static ClientVersion parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      String shown = Shown.atMost(text, SHOWN_LENGTH);
      throw new SlipwayException(
          ErrorKind.INVALID,
          "The client says its version is '" + shown + "'; expected one such as 1.6.4");
    }
    String patch = matcher.group(3);
    return new ClientVersion(
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        patch == null ? 0 : Integer.parseInt(patch));
  }

  /// Whether this version is the given one or newer.
  public boolean isAtLeast(int major, int minor, int patch) {
    return compareTo(new ClientVersion(major, minor, patch)) >= 0;
  }

  @Override
  public int compareTo(ClientVersion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
