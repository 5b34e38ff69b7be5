package dev.slipway.controlplane.image;

import dev.slipway.images.plan.BuildContext;
import dev.slipway.images.recipe.Recipe;
import dev.slipway.images.recipe.References;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The files that come with requests for images: a mount, and above it small ones in the request.
///
/// @param mostBytes what a mount may have when it is the context of a build
record Contexts(ContextMounts mounts, long mostBytes) {
  /// Most bytes of the files that come within one request.
  static final long MOST_INLINE_BYTES = 64L << 20;

  /// Refuses files that are too much, before anything is copied.
  ///
  /// @throws SlipwayException EXHAUSTED for what is too large, NOT_FOUND for a mount that the
  ///   workspace does not have
  void require(WorkspaceId workspace, ImageRequest request) {
    requireSmall(request.contextFiles());
    request.contextMount().ifPresent(mount -> requireMount(workspace, mount));
  }

  private void requireMount(WorkspaceId workspace, MountId mount) {
    long bytes = mounts.requireVisible(workspace, mount);
    if (bytes > mostBytes) {
      throw new SlipwayException(
          ErrorKind.EXHAUSTED,
          "the build context has %,d MiB; its files may have %,d MiB together (SLIPWAY_BUILD_CONTEXT_MIB of the server). Files that no step needs are left out with ignore= or a .dockerignore; add_local_dir without copy=True takes files to containers past the build"
              .formatted(bytes >> 20, mostBytes >> 20));
    }
  }

  private static void requireSmall(List<InlineFile> files) {
    long bytes = 0;
    for (InlineFile file : files) {
      bytes += file.data().length;
      if (bytes > MOST_INLINE_BYTES) {
        throw new SlipwayException(
            ErrorKind.EXHAUSTED,
            "the files sent with an image may have %,d bytes together; '%s' goes beyond"
                .formatted(MOST_INLINE_BYTES, file.path()));
      }
    }
  }

  /// The context, when a step reads it.
  BuildContext read(Recipe recipe, ImageRequest request) {
    boolean read =
        recipe.stages().stream()
            .flatMap(stage -> stage.steps().stream())
            .anyMatch(step -> References.readsContext(step.step()));
    if (!read) {
      return BuildContext.empty();
    }
    Map<String, BuildContext.File> files = new LinkedHashMap<>();
    request.contextMount().ifPresent(id -> files.putAll(mounts.files(id)));
    // Clients send the same megabytes with every run, and wait meanwhile: side by side.
    List<Digest> contents =
        request.contextFiles().parallelStream().map(file -> Digest.sha256(file.data())).toList();
    for (int i = 0; i < contents.size(); i++) {
      String path = request.contextFiles().get(i).path();
      files.put(
          path.startsWith("/") ? path : "/" + path, new BuildContext.File(contents.get(i), 0));
    }
    return new BuildContext(files);
  }
}
