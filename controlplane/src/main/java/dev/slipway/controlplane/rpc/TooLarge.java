package dev.slipway.controlplane.rpc;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;

/// Says that a request, or a value in it, is too large.
///
/// The clients learn it from a phrase in the sentence, and raise an error of that name; the status
/// must be one that they do not answer with the same request again.
public final class TooLarge {
  /// As the clients' HTTP library words it.
  public static final String PHRASE = " (status = '413')";

  private TooLarge() {}

  /// @param sentence names the size and the limit
  public static SlipwayException refusal(String sentence) {
    return new SlipwayException(ErrorKind.INVALID, sentence + PHRASE);
  }
}
