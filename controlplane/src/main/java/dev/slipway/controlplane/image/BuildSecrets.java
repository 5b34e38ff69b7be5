package dev.slipway.controlplane.image;

import dev.slipway.model.SecretId;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.WorkspaceId;
import java.util.List;
import java.util.SortedSet;

/// The secrets that builds name.
public interface BuildSecrets {
  /// The names of the variables that these secrets are together.
  ///
  /// @throws dev.slipway.model.SlipwayException NOT_FOUND for a secret that the workspace does not
  ///   have
  SortedSet<String> names(WorkspaceId workspace, List<SecretId> secrets);

  /// The variables themselves, without those that are the platform's own. Where two secrets set the
  /// same one, the later secret wins.
  ///
  /// @throws dev.slipway.model.SlipwayException as [#names], and CONFLICT when they cannot be
  ///   decrypted
  SecretVariables open(WorkspaceId workspace, List<SecretId> secrets);
}
