package dev.slipway.controlplane.blob;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which bytes a `Range` header asks for.
sealed interface ByteRange {
  Pattern SINGLE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  /// Everything: nothing was asked for in particular, or in a way that may be ignored.
  record Whole() implements ByteRange {}

  /// @param length in bytes, at least 1
  record Part(long offset, long length) implements ByteRange {}

  /// No byte of the blob lies in the range.
  record Unsatisfiable() implements ByteRange {}

  /// @param header the value of the header, null when there is none
  /// @param size of the blob in bytes
  static ByteRange parse(@Nullable String header, long size) {
    Matcher matcher = SINGLE.matcher(header == null ? "" : header.strip());
    if (!matcher.matches()) {
      return new Whole();
    }
    String first = matcher.group(1);
    String last = matcher.group(2);
    if (first.isEmpty() && last.isEmpty()) {
      return new Whole();
    }
    if (first.isEmpty()) {
      long length = Math.min(Long.parseLong(last), size);
      return length == 0 ? new Unsatisfiable() : new Part(size - length, length);
    }
    long offset = Long.parseLong(first);
    long end = last.isEmpty() ? size : Math.min(Long.parseLong(last) + 1, size);
    if (!last.isEmpty() && Long.parseLong(last) < offset) {
      return new Whole();
    }
    return offset >= size ? new Unsatisfiable() : new Part(offset, end - offset);
  }
}
