package dev.slipway.worker.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one stream of a container to its end and hands the text on: never cutting a character in
/// two, and lines whole where their end comes soon. Holds one buffer and one [OpenLine], so a sink
/// that blocks makes the container's writes block.
final class OutputPump implements Runnable {
  /// Most bytes handed on at once.
  static final int BUFFER_BYTES = 16 << 10;

  private static final int NANOS_PER_SECOND = 1_000_000_000;
  private static final Logger log = LoggerFactory.getLogger(OutputPump.class);

  private final OutputStreamKind kind;
  private final InputStream stream;
  private final OutputSink sink;
  private final Clock clock;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // Guarded by the lock, as is the order of what the sink gets.
  private final OpenLine open;
  private boolean ended;

  OutputPump(OutputStreamKind kind, InputStream stream, OutputSink sink, Clock clock) {
    this(kind, stream, sink, clock, OpenLine.PATIENCE);
  }

  /// @param patience how long a piece of a line waits for its end
  OutputPump(
      OutputStreamKind kind, InputStream stream, OutputSink sink, Clock clock, Duration patience) {
    this.kind = kind;
    this.stream = stream;
    this.sink = sink;
    this.clock = clock;
    this.open = new OpenLine(patience);
  }

  @Override
  public void run() {
    Thread.ofVirtual().name("open line of a container").start(this::handOnWhatWaitsTooLong);
    try (stream) {
      pump();
    } catch (IOException e) {
      log.warn("reading {} of a container ended: {}", kind, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  private void pump() throws IOException, InterruptedException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES);
    CharBuffer text = CharBuffer.allocate(BUFFER_BYTES);
    while (true) {
      int count = stream.read(bytes.array(), bytes.position(), bytes.remaining());
      boolean end = count < 0;
      if (!end) {
        bytes.position(bytes.position() + count);
      }
      bytes.flip();
      // A character cut in two stays in the buffer until its rest arrives.
      decoder.decode(bytes, text, end);
      if (end) {
        decoder.flush(text);
      }
      bytes.compact();
      text.flip();
      if (text.hasRemaining()) {
        take(text.toString());
      }
      text.clear();
      if (end) {
        return;
      }
    }
  }

  private void take(String text) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long now = System.nanoTime();
      boolean waited = open.patienceLeft(now).isPresent();
      handOn(open.add(text, nanos(clock.instant()), now));
      // Whoever waits already looks again when the time of what waited then is over.
      if (!waited) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
      handOn(open.takeAll());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void handOnWhatWaitsTooLong() {
    lock.lock();
    try {
      while (!ended) {
        OptionalLong left = open.patienceLeft(System.nanoTime());
        if (left.isEmpty()) {
          changed.await();
        } else if (left.getAsLong() > 0) {
          changed.awaitNanos(left.getAsLong());
        } else {
          handOn(open.takeAll());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void handOn(Optional<OpenLine.Piece> piece) throws InterruptedException {
    if (piece.isPresent()) {
      sink.accept(kind, piece.get().writtenAt(), piece.get().text());
    }
  }

  private static long nanos(Instant now) {
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }
}
