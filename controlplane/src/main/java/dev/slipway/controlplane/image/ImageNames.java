package dev.slipway.controlplane.image;

import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.IdSource;
import dev.slipway.model.ImageId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.util.List;

/// Names under which images are published in an environment, each with its history.
public final class ImageNames {
  /// Most names or publications of one answer.
  static final int MOST_AT_ONCE = 500;

  private final ImageNameStore store;
  private final Images images;
  private final IdSource ids;
  private final Clock clock;

  public ImageNames(ImageNameStore store, Images images, IdSource ids, Clock clock) {
    this.store = store;
    this.images = images;
    this.ids = ids;
    this.clock = clock;
  }

  /// Makes a name stand for an image from now on; gives the id of the publication.
  ///
  /// @throws SlipwayException NOT_FOUND when the workspace has no such image, CONFLICT when it is
  ///   not built
  public String publish(
      WorkspaceId workspace, EnvironmentId environment, String name, ImageId image) {
    BuiltImage built = images.require(workspace, image);
    String revision = ids.next("ir");
    store.add(revision, environment, name, built.id(), clock.instant());
    return revision;
  }

  /// What a name stands for.
  ///
  /// @throws SlipwayException NOT_FOUND when nothing is published under it
  public Published require(EnvironmentId environment, String name) {
    return store.find(environment, name).orElseThrow(() -> missing(name));
  }

  /// What the names of an environment stand for, by name.
  ///
  /// @param prefix of the names
  /// @param after the last name of the answer before; empty for the first ones
  public List<Published> list(EnvironmentId environment, String prefix, String after, int most) {
    return store.list(environment, prefix, after, Math.clamp(most, 1, MOST_AT_ONCE));
  }

  /// The publications under a name, the latest first.
  ///
  /// @param before the last publication of the answer before
  public List<Published> history(EnvironmentId environment, String name, long before, int most) {
    List<Published> found =
        store.history(environment, name, before, Math.clamp(most, 1, MOST_AT_ONCE));
    if (found.isEmpty() && before == Long.MAX_VALUE) {
      throw missing(name);
    }
    return found;
  }

  /// Forgets a name and its history. The images stay.
  ///
  /// @throws SlipwayException NOT_FOUND when nothing is published under it
  public void delete(EnvironmentId environment, String name) {
    if (store.delete(environment, name) == 0) {
      throw missing(name);
    }
  }

  private static SlipwayException missing(String name) {
    return new SlipwayException(
        ErrorKind.NOT_FOUND, "no image is published under the name '" + name + "'");
  }
}
