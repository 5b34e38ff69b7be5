package dev.slipway.images.registry;

import dev.slipway.model.Digest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;

/// Lets pulls that want the same layer at the same time share one download of it. For pulls without
/// a login only: what one of them may read, every other may.
///
/// Nobody waits for another host than the one that it would ask itself: a host that sends slowly
/// holds up those only who want something from it.
final class SharedDownloads {
  private final ConcurrentHashMap<Source, UnderWay> underWay = new ConcurrentHashMap<>();

  private record Source(String host, Digest digest) {}

  /// Downloads a layer into the content store.
  @FunctionalInterface
  interface Download {
    void run(PullProgress progress) throws InterruptedException, RegistryAwayException;
  }

  /// Returns when the layer is in the content store: because another pull has brought it, or is
  /// bringing it now, or by this thread. When the one who was bringing it fails or is stopped, the
  /// next one tries.
  ///
  /// @param host that the pull asks
  /// @param unpacked of the pull, which has looked for the layer
  void bring(
      String host,
      PulledImage.Layer layer,
      UnpackedLayers unpacked,
      PullProgress progress,
      Download download)
      throws InterruptedException, RegistryAwayException {
    Source source = new Source(host, layer.digest());
    boolean said = false;
    while (true) {
      UnderWay mine = new UnderWay(progress);
      UnderWay theirs = underWay.putIfAbsent(source, mine);
      if (theirs == null) {
        boolean here = false;
        try {
          bringNow(layer, unpacked, mine, download);
          here = true;
        } finally {
          underWay.remove(source, mine);
          mine.end(here);
        }
        return;
      }
      if (!said) {
        progress.note(
            "Layer %s is being downloaded for another build; waiting for it."
                .formatted(layer.digest().abbreviated()));
        said = true;
      }
      if (theirs.await(progress)) {
        progress.downloaded(layer.digest(), layer.size(), layer.size());
        return;
      }
    }
  }

  private static void bringNow(
      PulledImage.Layer layer, UnpackedLayers unpacked, UnderWay mine, Download download)
      throws InterruptedException, RegistryAwayException {
    // Looked at after the claim: who brings a layer shares it before giving the claim up.
    if (unpacked.isShared(layer)) {
      mine.downloaded(layer.digest(), layer.size(), layer.size());
      return;
    }
    download.run(mine);
    unpacked.share(layer);
  }

  /// One download, and who hears of it.
  private static final class UnderWay implements PullProgress {
    private final PullProgress own;
    private final List<PullProgress> waiting = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Boolean> end = new CompletableFuture<>();

    private UnderWay(PullProgress own) {
      this.own = own;
    }

    /// Whether the layer is there now. Who waits hears how it goes on.
    private boolean await(PullProgress progress) throws InterruptedException {
      waiting.add(progress);
      try {
        return end.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("a download ends without a failure of its own", e);
      } finally {
        waiting.remove(progress);
      }
    }

    private void end(boolean here) {
      end.complete(here);
    }

    @Override
    public void downloaded(Digest layer, long bytes, long total) {
      own.downloaded(layer, bytes, total);
      if (bytes < total) {
        // That all of it is here those who wait say themselves, once, whenever they came.
        waiting.forEach(one -> one.downloaded(layer, bytes, total));
      }
    }

    @Override
    public void note(String sentence) {
      own.note(sentence);
      waiting.forEach(one -> one.note(sentence));
    }
  }
}
