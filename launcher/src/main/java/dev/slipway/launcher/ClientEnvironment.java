package dev.slipway.launcher;

import dev.slipway.controlplane.workspace.LocalToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What the official client needs to know to reach this installation.
///
/// @param serverUrl such as `http://127.0.0.1:8470`
public record ClientEnvironment(String serverUrl, LocalToken token) {
  private static final String URL_FILE = "server-url";

  /// Reads it from the data directory of a server that runs or ran before.
  static ClientEnvironment require(Path data) {
    Path file = data.resolve(URL_FILE);
    try {
      String url = Files.readString(file).strip();
      return new ClientEnvironment(
          url, LocalToken.find(data).orElseThrow(() -> neverStarted(data, null)));
    } catch (NoSuchFileException e) {
      throw neverStarted(data, e);
    } catch (IOException e) {
      throw new StartRefusedException(
          ExitStatus.DATA_UNUSABLE, file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /// Remembers where the server is reached.
  static void announce(Path data, String serverUrl) {
    Path file = data.resolve(URL_FILE);
    try {
      Path unfinished = data.resolve(URL_FILE + ".new");
      Files.writeString(unfinished, serverUrl + "\n");
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new StartRefusedException(
          ExitStatus.DATA_UNUSABLE, file + " cannot be written: " + e.getMessage(), e);
    }
  }

  /// The client's environment variables, in a stable order.
  Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("MODAL_SERVER_URL", serverUrl);
    variables.put("MODAL_TOKEN_ID", token.id());
    variables.put("MODAL_TOKEN_SECRET", token.secret());
    return variables;
  }

  /// Lines for a shell's `eval`.
  String exports() {
    return variables().entrySet().stream()
        .map(variable -> "export " + variable.getKey() + "=" + quoted(variable.getValue()) + "\n")
        .collect(Collectors.joining());
  }

  private static StartRefusedException neverStarted(Path data, @Nullable Exception cause) {
    String sentence =
        "no server was started on "
            + data.toAbsolutePath()
            + " yet: start one with ./slipway up --data "
            + data;
    return cause == null
        ? new StartRefusedException(ExitStatus.FAILED, sentence)
        : new StartRefusedException(ExitStatus.FAILED, sentence, cause);
  }

  private static String quoted(String value) {
    return "'" + value.replace("'", "'\\''") + "'";
  }
}
