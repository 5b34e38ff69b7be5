package dev.slipway.worker.base;

import dev.slipway.content.ContentStore;
import dev.slipway.content.FileContentStore;
import dev.slipway.model.Digest;
import dev.slipway.model.SlipwayException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Layers on their way from a registry into the layer store. They are of use to the pulls that want
/// them only: what the last of these leaves is deleted, and so is what an earlier life of the
/// worker left.
public final class Downloads {
  private static final Logger log = LoggerFactory.getLogger(Downloads.class);

  private final ContentStore content;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Digest, Integer> users = new HashMap<>();

  /// What came without a login and is still used.
  private final Set<Digest> shared = new HashSet<>();

  private Downloads(ContentStore content) {
    this.content = content;
  }

  /// Opens the directory of downloads below a worker's, and empties it.
  public static Downloads open(Path workerDirectory) {
    ContentStore content = new FileContentStore(workerDirectory.resolve("downloads"));
    List<Digest> left = new ArrayList<>();
    content.list(found -> left.add(found.digest()));
    if (!left.isEmpty()) {
      log.info("removing {} downloads that an earlier worker left", left.size());
    }
    left.forEach(content::delete);
    return new Downloads(content);
  }

  /// Where registries put what they send.
  public ContentStore content() {
    return content;
  }

  /// Begins a pull.
  Lease lease() {
    return new Lease();
  }

  /// What one pull downloads. For one thread at a time where nothing else is said.
  final class Lease implements AutoCloseable {
    private final Set<Digest> used = new LinkedHashSet<>();

    private Lease() {}

    /// Keeps a layer that is about to be downloaded until the lease is closed.
    void use(Digest digest) {
      if (used.add(digest)) {
        lock.lock();
        try {
          users.merge(digest, 1, Integer::sum);
        } finally {
          lock.unlock();
        }
      }
    }

    /// Lets other pulls take a download that this one has brought. For any thread.
    void share(Digest digest) {
      lock.lock();
      try {
        shared.add(digest);
      } finally {
        lock.unlock();
      }
    }

    /// Whether a download that this lease uses is here, shared by another. For any thread.
    boolean isShared(Digest digest) {
      lock.lock();
      try {
        return shared.contains(digest);
      } finally {
        lock.unlock();
      }
    }

    InputStream open(Digest digest) {
      return content.open(digest);
    }

    /// Deletes what no other pull uses.
    @Override
    public void close() {
      for (Digest digest : used) {
        lock.lock();
        try {
          if (users.merge(digest, -1, Integer::sum) <= 0) {
            users.remove(digest);
            shared.remove(digest);
            content.delete(digest);
          }
        } catch (SlipwayException e) {
          log.warn("the download {} stays until the next start: {}", digest, e.toString());
        } finally {
          lock.unlock();
        }
      }
      used.clear();
    }
  }
}
