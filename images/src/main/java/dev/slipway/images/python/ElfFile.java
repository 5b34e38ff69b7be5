package dev.slipway.images.python;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A program or a shared library of Linux on a 64-bit machine: which libraries it needs, and where
/// they are looked for, which can be changed in place.
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_AND_ORDER_AT = 4;
  private static final short LITTLE_64 = 0x0102;
  private static final int PROGRAM_HEADERS_AT = 32;
  private static final int PROGRAM_HEADER_SIZE_AT = 54;
  private static final int SEGMENT_LOADED = 1;
  private static final int SEGMENT_DYNAMIC = 2;
  private static final int ENTRY_BYTES = 16;
  private static final long NEEDED = 1;
  private static final long STRING_TABLE = 5;
  private static final long SEARCH_PATH_OF_ALL = 15;
  private static final long SEARCH_PATH_OF_ITSELF = 29;

  private final Path file;
  private final ByteBuffer bytes;
  private final List<Segment> segments;
  private final List<Entry> entries;

  private record Segment(int type, long offset, long address, long size) {}

  private record Entry(int at, long tag, long value) {}

  private ElfFile(Path file, ByteBuffer bytes) {
    this.file = file;
    this.bytes = bytes;
    this.segments = segments(bytes);
    this.entries = entries();
  }

  /// Empty for a file of another kind.
  static Optional<ElfFile> read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.limit() < PROGRAM_HEADER_SIZE_AT + Integer.BYTES
        || bytes.getInt(0) != MAGIC
        || bytes.getShort(CLASS_AND_ORDER_AT) != LITTLE_64) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ElfFile(file, bytes));
    } catch (IndexOutOfBoundsException | BufferUnderflowException e) {
      // Cut off in the middle: nobody could start it.
      return Optional.empty();
    }
  }

  private static List<Segment> segments(ByteBuffer bytes) {
    List<Segment> segments = new ArrayList<>();
    int at = Math.toIntExact(bytes.getLong(PROGRAM_HEADERS_AT));
    int size = bytes.getShort(PROGRAM_HEADER_SIZE_AT);
    int count = bytes.getShort(PROGRAM_HEADER_SIZE_AT + Short.BYTES);
    for (int i = 0; i < count; i++) {
      int header = at + i * size;
      segments.add(
          new Segment(
              bytes.getInt(header),
              bytes.getLong(header + 8),
              bytes.getLong(header + 16),
              bytes.getLong(header + 32)));
    }
    return segments;
  }

  private List<Entry> entries() {
    List<Entry> found = new ArrayList<>();
    for (Segment segment : segments) {
      if (segment.type() == SEGMENT_DYNAMIC) {
        int at = Math.toIntExact(segment.offset());
        int end = Math.toIntExact(segment.offset() + segment.size());
        for (; at < end; at += ENTRY_BYTES) {
          found.add(new Entry(at, bytes.getLong(at), bytes.getLong(at + Long.BYTES)));
        }
      }
    }
    return found;
  }

  /// Names of the libraries that it asks for.
  List<String> needed() {
    return entries.stream()
        .filter(entry -> entry.tag() == NEEDED)
        .map(entry -> text(stringAt(entry)))
        .toList();
  }

  /// Has its libraries, and those that they need, looked for in another place first. False when
  /// there is no room for that in the file.
  boolean searchFirst(String path) throws IOException {
    Optional<Entry> found =
        entries.stream()
            .filter(
                entry -> entry.tag() == SEARCH_PATH_OF_ALL || entry.tag() == SEARCH_PATH_OF_ITSELF)
            .findFirst();
    if (found.isEmpty()) {
      return false;
    }
    int at = stringAt(found.get());
    int room = text(at).getBytes(StandardCharsets.ISO_8859_1).length;
    byte[] wanted = path.getBytes(StandardCharsets.ISO_8859_1);
    if (wanted.length > room) {
      return false;
    }
    bytes.put(at, wanted);
    for (int i = wanted.length; i < room; i++) {
      bytes.put(at + i, (byte) 0);
    }
    // The other kind would not hold for libraries that are needed by libraries.
    bytes.putLong(found.get().at(), SEARCH_PATH_OF_ALL);
    Files.write(file, bytes.array());
    return true;
  }

  private int stringAt(Entry entry) {
    long table =
        entries.stream()
            .filter(other -> other.tag() == STRING_TABLE)
            .mapToLong(Entry::value)
            .findFirst()
            .orElse(0);
    long address = table + entry.value();
    for (Segment segment : segments) {
      if (segment.type() == SEGMENT_LOADED
          && address >= segment.address()
          && address < segment.address() + segment.size()) {
        return Math.toIntExact(address - segment.address() + segment.offset());
      }
    }
    throw new IndexOutOfBoundsException("a name lies outside of " + file);
  }

  private String text(int at) {
    int end = at;
    while (bytes.get(end) != 0) {
      end++;
    }
    return new String(bytes.array(), at, end - at, StandardCharsets.ISO_8859_1);
  }
}
