package dev.slipway.controlplane.image;

import dev.slipway.model.SecretId;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.WorkspaceId;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/// The secrets that builds name.
public interface BuildSecrets {
  /// The names of the variables that these secrets are together.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND for a secret that the workspace does not
  ///   have
  SortedSet<String> names(WorkspaceId workspace, List<SecretId> secrets);

  /// What a build gets of its secrets.
  ///
  /// @param variables all but those that are the platform's own
  /// @param complaint a sentence for its log about the others, when there are any
  record Opened(SecretVariables variables, Optional<String> complaint) {}

  /// The variables themselves. Where two secrets set the same one, the later secret wins.
  ///
  /// @throws dev.slipway.model.SlipwayException as [#names], and CONFLICT when they cannot be
  ///   decrypted
  Opened open(WorkspaceId workspace, List<SecretId> secrets);
}
