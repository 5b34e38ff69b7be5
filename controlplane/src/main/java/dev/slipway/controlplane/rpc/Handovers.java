package dev.slipway.controlplane.rpc;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Replies that hand something over, so that each is got by its caller once or given back.
///
/// A caller that lost its connection tries again with the same idempotency key: while its first
/// attempt still waits, the second takes its place; when the first one's reply went out and got
/// lost, the second gets the same reply. A reply that no attempt could be given is given back.
///
/// Replies that went out are kept like those of the [ReplyMemory]: for some minutes, bounded in
/// number and bytes.
final class Handovers {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<ReplyMemory.Key, Case> underWay = new HashMap<>();
  private final KeptReplies kept;

  Handovers(InstantSource clock, int maxReplies, long maxBytes) {
    this.kept = new KeptReplies(clock, maxReplies, maxBytes);
  }

  static Handovers inProduction() {
    return new Handovers(InstantSource.system(), ReplyMemory.MAX_REPLIES, ReplyMemory.MAX_BYTES);
  }

  /// What one attempt has to send, and what it tells about that afterwards. One of the two is
  /// called, once.
  interface Delivery<R> {
    R reply();

    void delivered();

    void undelivered();
  }

  /// A call that has no answer yet, or one that is on its way.
  private static final class Case {
    private @Nullable Thread working;
    private @Nullable Handover<?> handover;
    private int sending;
  }

  /// The reply to send: that of an earlier attempt, or else what the work makes.
  <R> Delivery<R> obtain(Optional<ReplyMemory.Key> key, Callable<Handover<R>> work)
      throws Exception {
    if (key.isEmpty()) {
      Handover<R> handover = work.call();
      return new Single<>(handover);
    }
    Case mine = new Case();
    lock.lockInterruptibly();
    try {
      while (true) {
        Optional<R> known = kept.find(key.get());
        if (known.isPresent()) {
          return new Repeated<>(known.get());
        }
        Case other = underWay.get(key.get());
        if (other == null) {
          break;
        }
        if (other.handover != null) {
          other.sending++;
          return new Shared<>(key.get(), other, handover(other));
        }
        if (other.working != null) {
          // Nobody is there any more for what it waits for.
          other.working.interrupt();
        }
        changed.await();
      }
      mine.working = Thread.currentThread();
      underWay.put(key.get(), mine);
    } finally {
      lock.unlock();
    }
    return work(key.get(), mine, work);
  }

  private <R> Delivery<R> work(ReplyMemory.Key key, Case mine, Callable<Handover<R>> work)
      throws Exception {
    Handover<R> handover = null;
    try {
      handover = work.call();
      return new Shared<>(key, mine, handover);
    } finally {
      lock.lock();
      try {
        mine.working = null;
        mine.handover = handover;
        mine.sending = 1;
        if (handover == null) {
          underWay.remove(key);
        }
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void delivered(ReplyMemory.Key key, Case one) {
    Handover<?> sent = null;
    lock.lock();
    try {
      one.sending--;
      if (one.handover != null && underWay.remove(key, one)) {
        kept.keep(key, one.handover.reply());
        sent = one.handover;
      }
    } finally {
      lock.unlock();
    }
    if (sent != null) {
      sent.delivered().run();
    }
  }

  private void undelivered(ReplyMemory.Key key, Case one) {
    Handover<?> lost = null;
    lock.lock();
    try {
      one.sending--;
      if (one.sending == 0 && underWay.remove(key, one)) {
        lost = one.handover;
      }
    } finally {
      lock.unlock();
    }
    if (lost != null) {
      lost.undelivered().run();
    }
  }

  /// How many replies are on their way, or are still to be made.
  int underWay() {
    lock.lock();
    try {
      return underWay.size();
    } finally {
      lock.unlock();
    }
  }

  /// The key holds the method's name, so the type is that of the method's replies.
  @SuppressWarnings({"unchecked", "NullAway"}) // and the caller has looked
  private static <R> Handover<R> handover(Case one) {
    return (Handover<R>) one.handover;
  }

  /// The only attempt of a caller that sends no key.
  private record Single<R>(Handover<R> handover) implements Delivery<R> {
    @Override
    public R reply() {
      return handover.reply();
    }

    @Override
    public void delivered() {
      handover.delivered().run();
    }

    @Override
    public void undelivered() {
      handover.undelivered().run();
    }
  }

  /// An attempt after one whose reply went out.
  private record Repeated<R>(R reply) implements Delivery<R> {
    @Override
    public void delivered() {}

    @Override
    public void undelivered() {}
  }

  /// One of the attempts that may deliver a reply first.
  private final class Shared<R> implements Delivery<R> {
    private final ReplyMemory.Key key;
    private final Case one;
    private final Handover<R> handover;

    Shared(ReplyMemory.Key key, Case one, Handover<R> handover) {
      this.key = key;
      this.one = one;
      this.handover = handover;
    }

    @Override
    public R reply() {
      return handover.reply();
    }

    @Override
    public void delivered() {
      Handovers.this.delivered(key, one);
    }

    @Override
    public void undelivered() {
      Handovers.this.undelivered(key, one);
    }
  }
}
