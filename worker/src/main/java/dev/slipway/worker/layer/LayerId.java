package dev.slipway.worker.layer;

import dev.slipway.model.ErrorKind;
import dev.slipway.model.Shown;
import dev.slipway.model.SlipwayException;
import java.util.List;
import java.util.regex.Pattern;

/// Names a layer. The name stands for the recipe or the bytes that made it, so whoever has a layer
/// of this name need not make it again.
///
/// @param value up to [#MAX_LENGTH] letters, digits, dots, dashes and underscores, because it is
///   also the name of a directory
public record LayerId(String value) implements Comparable<LayerId> {
  /// Most characters of an id.
  public static final int MAX_LENGTH = 160;

  private static final Pattern SHAPE = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._-]*");

  public LayerId {
    if (value.length() > MAX_LENGTH || !SHAPE.matcher(value).matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "'%s' cannot name a layer: at most %d letters, digits, dots, dashes and underscores were expected"
              .formatted(Shown.atMost(value, MAX_LENGTH), MAX_LENGTH));
    }
  }

  /// The ids that stand in these strings, in the same order.
  public static List<LayerId> listOf(List<String> values) {
    return values.stream().map(LayerId::new).toList();
  }

  @Override
  public int compareTo(LayerId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
