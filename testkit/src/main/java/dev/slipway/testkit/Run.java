package dev.slipway.testkit;

/// A program of the client that has ended.
///
/// @param what the command, for messages
/// @param status its exit status
/// @param transcript what it wrote
public record Run(String what, int status, Transcript transcript) {
  public String out() {
    return transcript.text(Line.Stream.OUT);
  }

  public String err() {
    return transcript.text(Line.Stream.ERR);
  }

  /// Both streams in the order of arrival.
  public String all() {
    return transcript.text();
  }

  /// Itself, when it ended with status 0; an [AssertionError] with the transcript otherwise.
  public Run succeeded() {
    if (status != 0) {
      throw new AssertionError("'" + what + "' ended with " + status + ":\n" + transcript);
    }
    return this;
  }

  /// Itself, when it ended with another status than 0.
  public Run failed() {
    if (status == 0) {
      throw new AssertionError("'" + what + "' did not fail:\n" + transcript);
    }
    return this;
  }

  @Override
  public String toString() {
    return "'" + what + "' ended with " + status + ":\n" + transcript;
  }
}
