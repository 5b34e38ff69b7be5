package dev.slipway.controlplane.image;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretId;
import dev.slipway.model.SecretVariables;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// Secrets that a test put here, of whatever workspace.
final class FakeBuildSecrets implements BuildSecrets {
  private final Map<SecretId, Map<String, String>> secrets = new ConcurrentHashMap<>();

  void put(String id, Map<String, String> variables) {
    secrets.put(new SecretId(id), variables);
  }

  @Override
  public SortedSet<String> names(WorkspaceId workspace, List<SecretId> ids) {
    return new TreeSet<>(open(workspace, ids).variables().values().keySet());
  }

  @Override
  public Opened open(WorkspaceId workspace, List<SecretId> ids) {
    Map<String, String> all = new TreeMap<>();
    for (SecretId id : ids) {
      all.putAll(
          Optional.ofNullable(secrets.get(id))
              .orElseThrow(
                  () -> new SlipwayException(ErrorKind.NOT_FOUND, "There is no secret " + id)));
    }
    return new Opened(SecretVariables.of(all), Optional.empty());
  }
}
