package dev.slipway.launcher;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.MetadataKeys;
import dev.slipway.controlplane.workspace.Tokens;
import dev.slipway.model.WorkspaceId;
import java.util.Optional;

/// What somebody who asks by plain HTTP shows, under the names of the official client's own
/// headers.
record TokenHeaders(String id, String secret) {
  static final String ID = MetadataKeys.TOKEN_ID.name();
  static final String SECRET = MetadataKeys.TOKEN_SECRET.name();

  static TokenHeaders of(HttpRequest request) {
    return new TokenHeaders(request.headers().get(ID, ""), request.headers().get(SECRET, ""));
  }

  /// Whose token it is; may wait for the database.
  Optional<WorkspaceId> workspace(Tokens tokens) {
    return tokens.find(id, secret).map(Caller.Client::workspace);
  }

  /// The answer to one whose token is unknown.
  static HttpResponse refused() {
    return HttpResponse.of(
        HttpStatus.UNAUTHORIZED,
        MediaType.PLAIN_TEXT_UTF_8,
        "send the headers %s and %s\n",
        ID,
        SECRET);
  }

  /// Without the secret.
  @Override
  public String toString() {
    return id;
  }
}
