package dev.slipway.worker.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads one stream of a container to its end and hands the text on, never cutting a character in
/// two. Holds one buffer, so a sink that blocks makes the container's writes block.
final class OutputPump implements Runnable {
  /// Most bytes handed on at once.
  static final int BUFFER_BYTES = 16 << 10;

  private static final int NANOS_PER_SECOND = 1_000_000_000;
  private static final Logger log = LoggerFactory.getLogger(OutputPump.class);

  private final OutputStreamKind kind;
  private final InputStream stream;
  private final OutputSink sink;
  private final Clock clock;

  OutputPump(OutputStreamKind kind, InputStream stream, OutputSink sink, Clock clock) {
    this.kind = kind;
    this.stream = stream;
    this.sink = sink;
    this.clock = clock;
  }

  @Override
  public void run() {
    try (stream) {
      pump();
    } catch (IOException e) {
      log.warn("reading {} of a container ended: {}", kind, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
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
        sink.accept(kind, nanos(clock.instant()), text.toString());
      }
      text.clear();
      if (end) {
        return;
      }
    }
  }

  private static long nanos(Instant now) {
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
  }
}
