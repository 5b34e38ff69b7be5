package dev.slipway.worker.layer;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/// Lets whoever wants the same layer at the same time share one making of it.
public final class SharedMaking {
  private final LayerStore layers;
  private final ConcurrentHashMap<LayerId, CompletableFuture<Boolean>> underWay =
      new ConcurrentHashMap<>();

  public SharedMaking(LayerStore layers) {
    this.layers = layers;
  }

  /// Fills a layer.
  @FunctionalInterface
  public interface Recipe {
    void make(LayerStaging staging) throws IOException, InterruptedException;
  }

  /// The layer of this id: the one that is here, else the one that somebody is making, else made
  /// now by this thread. When the one who was making it fails or is stopped, the next one tries.
  public Layer require(LayerId id, BuildLog log, Recipe recipe)
      throws IOException, InterruptedException {
    boolean said = false;
    while (true) {
      var here = layers.find(id);
      if (here.isPresent()) {
        return here.get();
      }
      CompletableFuture<Boolean> mine = new CompletableFuture<>();
      CompletableFuture<Boolean> theirs = underWay.putIfAbsent(id, mine);
      if (theirs == null) {
        try {
          return make(id, recipe);
        } finally {
          underWay.remove(id, mine);
          mine.complete(true);
        }
      }
      if (!said) {
        log.say("Waiting for another build that is making " + id + ".");
        said = true;
      }
      await(theirs);
    }
  }

  private Layer make(LayerId id, Recipe recipe) throws IOException, InterruptedException {
    // Somebody may have committed it between the look and the claim.
    var here = layers.find(id);
    if (here.isPresent()) {
      return here.get();
    }
    try (LayerStaging staging = layers.stage()) {
      recipe.make(staging);
      return staging.commit(id);
    }
  }

  private static void await(CompletableFuture<Boolean> future) throws InterruptedException {
    try {
      boolean ignored = future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a making ends without a failure of its own", e);
    }
  }
}
