package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.RunMount;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads RUN.
final class RunReader {
  private static final Set<String> FLAGS = Set.of("mount", "network", "security");
  private static final Set<String> REFUSED = Set.of("device");
  private static final Set<String> OPTIONS =
      Set.of(
          "type",
          "target",
          "source",
          "from",
          "id",
          "sharing",
          "uid",
          "gid",
          "mode",
          "required",
          "readonly",
          "writable",
          "env",
          "size");

  /// Other names of the same options.
  private static final Map<String, String> OTHER_NAMES =
      Map.of(
          "dst",
          "target",
          "destination",
          "target",
          "src",
          "source",
          "ro",
          "readonly",
          "rw",
          "writable");

  private static final String SECRETS = "/run/secrets/";

  /// Where a text is that is run as a program.
  private static final String SCRIPTS = "/dev/pipes/";

  private static final int SECRET_MODE = 0400;
  private static final int CACHE_MODE = 0755;
  private static final int MOST_MOUNTS = 50;

  private final LogicalLine line;
  private final Stages stages;

  RunReader(LogicalLine line, Stages stages) {
    this.line = line;
    this.stages = stages;
  }

  BuildStep read() {
    Flags flags = Flags.read(line, FLAGS, REFUSED);
    List<RunMount> mounts = new ArrayList<>();
    flags.list("mount").forEach(value -> mounts.add(mount(value)));
    if (mounts.size() > MOST_MOUNTS) {
      throw line.malformed("a step may have %d mounts".formatted(MOST_MOUNTS));
    }
    boolean online = isOnline(flags);
    if (flags.find("security").filter(value -> !value.equals("sandbox")).isPresent()) {
      throw line.unsupported("build steps run without further privileges: --security=sandbox");
    }
    String text = flags.rest();
    if (text.isEmpty()) {
      throw line.malformed("RUN is followed by a command");
    }
    Optional<List<String>> words = Words.findJsonStrings(text);
    if (words.isPresent()) {
      if (words.get().isEmpty()) {
        throw line.malformed("RUN [] names no command");
      }
      return new BuildStep.Run(words.get(), false, mounts, online);
    }
    return line.texts().size() == 1 && LogicalLines.isHeredoc(text)
        ? text(line.texts().getFirst(), mounts, online)
        : new BuildStep.Run(List.of(withTexts(text)), true, mounts, online);
  }

  private boolean isOnline(Flags flags) {
    String network = flags.find("network").orElse("default");
    return switch (network) {
      case "default" -> true;
      case "none" -> false;
      case "host" -> throw line.unsupported("build steps do not get the host's network");
      default -> throw line.malformed("'" + network + "' is no network: default or none");
    };
  }

  /// A text alone: a program when it begins with `#!`, else a script for the shell.
  private static BuildStep text(Heredoc text, List<RunMount> mounts, boolean online) {
    if (!text.text().startsWith("#!")) {
      return new BuildStep.Run(List.of(text.text()), true, mounts, online);
    }
    String target = SCRIPTS + text.name();
    List<RunMount> all = new ArrayList<>(mounts);
    all.add(new RunMount.Script(target, text.text()));
    return new BuildStep.Run(List.of(target), false, all, online);
  }

  /// Texts that a command reads: the shell knows them itself.
  private String withTexts(String command) {
    StringBuilder script = new StringBuilder(command);
    for (Heredoc text : line.texts()) {
      script.append('\n').append(text.text()).append(text.name());
    }
    return line.texts().isEmpty() ? command : script.append('\n').toString();
  }

  // ---- mounts

  private RunMount mount(String value) {
    Map<String, String> options = options(value);
    String type = options.getOrDefault("type", "bind");
    return switch (type) {
      case "bind" -> bind(options);
      case "cache" -> cache(options);
      case "secret" -> secret(options);
      case "tmpfs" -> new RunMount.Temporary(target(options));
      case "ssh" -> throw line.unsupported("mounts of type ssh are not supported");
      default ->
          throw line.malformed(
              "'" + type + "' is no type of a mount: bind, cache, secret and tmpfs are");
    };
  }

  private Map<String, String> options(String value) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String part : unquoted(value).split(",")) {
      int equals = part.indexOf('=');
      String written = (equals < 0 ? part : part.substring(0, equals)).strip();
      String name = OTHER_NAMES.getOrDefault(written, written);
      if (!OPTIONS.contains(name)) {
        throw line.malformed("a mount has no option '" + written + "'");
      }
      options.put(name, equals < 0 ? "" : part.substring(equals + 1));
    }
    return options;
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  private RunMount bind(Map<String, String> options) {
    Optional<Integer> stage =
        Optional.ofNullable(options.get("from")).map(name -> stages.source(line, name));
    boolean writable =
        options.containsKey("writable") && Flags.isTrue(line, "writable", options.get("writable"));
    String source = Words.template(line, options.getOrDefault("source", "/"));
    return new RunMount.Bind(stage, source, target(options), writable);
  }

  private RunMount cache(Map<String, String> options) {
    if (options.containsKey("from")) {
      throw line.unsupported("caches begin empty: the option 'from' is not supported for them");
    }
    String target = target(options);
    String sharing = options.getOrDefault("sharing", "shared");
    if (!Set.of("shared", "private", "locked").contains(sharing)) {
      throw line.malformed("'" + sharing + "' is no sharing: shared, private or locked");
    }
    String id = Words.template(line, options.getOrDefault("id", ""));
    return new RunMount.Cache(
        id.isEmpty() ? target : id, target, !sharing.equals("shared"), access(options, CACHE_MODE));
  }

  private RunMount secret(Map<String, String> options) {
    String target = Words.template(line, options.getOrDefault("target", ""));
    String variable = options.getOrDefault("env", "");
    String id = options.getOrDefault("id", target.substring(target.lastIndexOf('/') + 1));
    if (id.isEmpty() || id.contains("/")) {
      throw line.malformed("a mount of type secret names the secret's value: id=NAME");
    }
    if (target.isEmpty() && variable.isEmpty()) {
      target = SECRETS + id;
    } else if (!target.isEmpty() && !target.startsWith("/") && !target.startsWith("$")) {
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
    return Words.template(line, target);
  }

  private RunMount.Access access(Map<String, String> options, int mode) {
    return new RunMount.Access(
        number(options, "uid", 10, 0),
        number(options, "gid", 10, 0),
        number(options, "mode", 8, mode));
  }

  private int number(Map<String, String> options, String name, int radix, int otherwise) {
    String value = options.get(name);
    if (value == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(value, radix);
      if (number >= 0 && number <= 65_535 && (radix == 10 || number <= 07777)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw line.malformed("'%s' of %s is no such number".formatted(value, name));
  }
}
