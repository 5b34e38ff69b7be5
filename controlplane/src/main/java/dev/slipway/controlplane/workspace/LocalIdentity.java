package dev.slipway.controlplane.workspace;

import dev.slipway.model.IdSource;
import java.nio.file.Path;

/// The workspace that every installation has, and the token for it that its owner finds in the data
/// directory.
///
/// @param workspace the workspace `local`
/// @param token what `./slipway env` prints
public record LocalIdentity(Workspace workspace, LocalToken token) {
  static final String WORKSPACE = "local";

  /// Makes what is missing: the workspace, its environment, the token. What one of the two places
  /// (data directory, database) has lost is restored from the other, where that is possible.
  public static LocalIdentity ensure(
      Path dataDirectory, Workspaces workspaces, Tokens tokens, IdSource ids) {
    Workspace workspace = workspaces.ensure(WORKSPACE);
    LocalToken token =
        LocalToken.find(dataDirectory)
            .orElseGet(() -> {
              LocalToken minted = LocalToken.mint(ids);
              minted.write(dataDirectory);
              return minted;
            });
    if (tokens.find(token.id(), token.secret()).isEmpty()) {
      tokens.put(workspace.id(), token.id(), token.secret(), "local");
    }
    return new LocalIdentity(workspace, token);
  }
}
