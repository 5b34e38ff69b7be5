package dev.slipway.images.recipe;

import dev.slipway.model.RunMount;
import dev.slipway.model.Shown;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the mounts of RUN.
final class MountReader {
  /// What each type of a mount may say.
  private static final Map<String, Set<String>> OPTIONS =
      Map.of(
          "bind", Set.of("target", "source", "from", "readonly", "readwrite"),
          "cache",
              Set.of(
                  "target",
                  "id",
                  "sharing",
                  "readonly",
                  "readwrite",
                  "from",
                  "source",
                  "uid",
                  "gid",
                  "mode"),
          "secret", Set.of("target", "id", "source", "env", "required", "uid", "gid", "mode"),
          "tmpfs", Set.of("target", "size"));

  /// Other names of the same options.
  private static final Map<String, String> OTHER_NAMES =
      Map.of(
          "dst", "target",
          "destination", "target",
          "src", "source",
          "ro", "readonly",
          "rw", "readwrite");

  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})(?:([kmgt])(?:i?b)?|b)?");
  private static final long MOST_BYTES = 1L << 40;

  /// Texts of a mount: what they refer to does not change what the mount is.
  private static final Set<String> TEMPLATES = Set.of("target", "source", "id");

  private static final String SECRETS = "/run/secrets/";

  /// The last user that a container can have; the machine of the build may have fewer.
  private static final int MOST_ID = Integer.MAX_VALUE - 2;

  private static final int SECRET_MODE = 0400;
  private static final int CACHE_MODE = 0755;

  private final LogicalLine line;

  MountReader(LogicalLine line) {
    this.line = line;
  }

  /// @param value of one flag --mount
  /// @param stages that the recipe has so far
  RunMount read(String value, Stages stages) {
    Map<String, String> options = options(value);
    String type = options.getOrDefault("type", "bind");
    if (Template.refers(type)) {
      throw line.unsupported("the type of a mount cannot refer to variables");
    }
    requireKnown(type, options);
    return switch (type) {
      case "bind" -> bind(options, stages);
      case "secret" ->
          options.values().stream().anyMatch(Template::refers)
              ? written(options)
              : plain(type, options);
      default -> {
        boolean later =
            options.entrySet().stream()
                .anyMatch(option ->
                    !TEMPLATES.contains(option.getKey()) && Template.refers(option.getValue()));
        yield later ? written(options) : plain(type, options);
      }
    };
  }

  private RunMount written(Map<String, String> options) {
    String text = Shown.atMost(line.text(), LogicalLine.SHOWN_CHARACTERS);
    return new RunMount.Written(line.number(), text, options);
  }

  /// What a mount is when its variables are replaced. Its texts are templates without references.
  ///
  /// @throws dev.slipway.model.SlipwayException INVALID when a value is none of its option
  static RunMount read(RunMount.Written written, UnaryOperator<String> expand) {
    Map<String, String> options = new LinkedHashMap<>();
    written
        .options()
        .forEach((name, template) -> options.put(name, Template.literal(expand.apply(template))));
    LogicalLine line = new LogicalLine(written.line(), written.text(), '\\', List.of());
    return new MountReader(line).plain(options.getOrDefault("type", ""), options);
  }

  private void requireKnown(String type, Map<String, String> options) {
    if (type.equals("ssh")) {
      throw line.unsupported("mounts of type ssh are not supported");
    }
    Set<String> known = OPTIONS.get(type);
    if (known == null) {
      throw line.malformed(
          "'" + type + "' is no type of a mount: bind, cache, secret and tmpfs are");
    }
    options.keySet().stream()
        .filter(name -> !name.equals("type") && !known.contains(name))
        .findFirst()
        .ifPresent(name -> {
          throw line.malformed("a mount of type %s has no option '%s'".formatted(type, name));
        });
  }

  private RunMount plain(String type, Map<String, String> options) {
    return switch (type) {
      case "cache" -> cache(options);
      case "secret" -> secret(options);
      default -> new RunMount.Temporary(target(options), size(options));
    };
  }

  private Map<String, String> options(String value) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String part : unquoted(value).split(",")) {
      int equals = part.indexOf('=');
      String written = (equals < 0 ? part : part.substring(0, equals)).strip();
      String text = equals < 0 ? "" : part.substring(equals + 1);
      options.put(OTHER_NAMES.getOrDefault(written, written), Words.template(line, text));
    }
    return options;
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  private RunMount bind(Map<String, String> options, Stages stages) {
    Optional<Integer> stage =
        Optional.ofNullable(options.get("from")).map(name -> stages.source(line, name));
    String source = options.getOrDefault("source", "/");
    return new RunMount.Bind(stage, source, target(options), !isReadOnly(options, true));
  }

  private RunMount cache(Map<String, String> options) {
    if (options.containsKey("from") || options.containsKey("source")) {
      throw line.unsupported(
          "caches begin empty: the options 'from' and 'source' are not supported for them");
    }
    String target = target(options);
    String sharing = options.getOrDefault("sharing", "shared");
    if (!Set.of("shared", "private", "locked").contains(sharing)) {
      throw line.malformed("'" + sharing + "' is no sharing: shared, private or locked");
    }
    String id = options.getOrDefault("id", "");
    return new RunMount.Cache(
        id.isEmpty() ? target : id,
        target,
        !sharing.equals("shared"),
        access(options, CACHE_MODE),
        isReadOnly(options, false));
  }

  /// Whether a mount is only read: the options say it from either side.
  private boolean isReadOnly(Map<String, String> options, boolean otherwise) {
    if (options.containsKey("readonly")) {
      return Flags.isTrue(line, "readonly", options.get("readonly"));
    }
    return options.containsKey("readwrite")
        ? !Flags.isTrue(line, "readwrite", options.get("readwrite"))
        : otherwise;
  }

  private RunMount secret(Map<String, String> options) {
    String target = options.getOrDefault("target", "");
    String variable = literal(options, "env", "");
    String id =
        literal(
            options,
            options.containsKey("id") ? "id" : "source",
            target.substring(target.lastIndexOf('/') + 1));
    if (id.isEmpty() || id.contains("/")) {
      throw line.malformed("a mount of type secret names the secret's value: id=NAME");
    }
    if (target.isEmpty() && variable.isEmpty()) {
      target = SECRETS + Template.literal(id);
    } else if (!target.isEmpty() && !target.startsWith("/")) {
      target = SECRETS + target;
    }
    boolean required =
        options.containsKey("required") && Flags.isTrue(line, "required", options.get("required"));
    return new RunMount.Secret(id, target, variable, required, access(options, SECRET_MODE));
  }

  private String target(Map<String, String> options) {
    String target = options.getOrDefault("target", "");
    if (target.isEmpty()) {
      throw line.malformed("a mount names where it goes: target=/path");
    }
    return target;
  }

  /// Bytes; 0 when nothing is said.
  private long size(Map<String, String> options) {
    if (!options.containsKey("size")) {
      return 0;
    }
    String value = literal(options, "size", "");
    Matcher matcher = SIZE.matcher(value.toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      String unit = matcher.group(2);
      int thousands = unit == null ? 0 : "kmgt".indexOf(unit) + 1;
      long number = Long.parseLong(matcher.group(1));
      if (number > 0 && number <= MOST_BYTES >> 10 * thousands) {
        return number << 10 * thousands;
      }
    }
    throw line.malformed(
        "'%s' of size is no such number: bytes, or a number with k, m or g, up to 1t, were expected"
            .formatted(value));
  }

  private RunMount.Access access(Map<String, String> options, int mode) {
    return new RunMount.Access(
        number(options, "uid", 10, 0),
        number(options, "gid", 10, 0),
        number(options, "mode", 8, mode));
  }

  private int number(Map<String, String> options, String name, int radix, int otherwise) {
    if (!options.containsKey(name)) {
      return otherwise;
    }
    String value = literal(options, name, "");
    try {
      int number = Integer.parseInt(value, radix);
      if (number >= 0 && number <= MOST_ID && (radix == 10 || number <= 07777)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw line.malformed(
        radix == 10
            ? "'%s' of %s is no number from 0 to %d".formatted(value, name, MOST_ID)
            : "'%s' of %s is no octal number up to 7777".formatted(value, name));
  }

  /// An option that refers to nothing.
  private static String literal(Map<String, String> options, String name, String otherwise) {
    String value = options.get(name);
    return value == null ? otherwise : Template.expand(value, Map.of());
  }
}
