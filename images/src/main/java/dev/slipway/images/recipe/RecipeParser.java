package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads Dockerfile lines into a [Recipe].
public final class RecipeParser {
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final int MOST_STEPS = 1_000;

  /// Arguments that every recipe knows in front of its stages, and stages by declaring them.
  private static final Map<String, String> PLATFORM =
      Map.of(
          "BUILDPLATFORM", "linux/amd64",
          "BUILDOS", "linux",
          "BUILDARCH", "amd64",
          "TARGETPLATFORM", "linux/amd64",
          "TARGETOS", "linux",
          "TARGETARCH", "amd64");

  private final Map<String, String> buildArguments;
  private final Map<String, String> argumentsBeforeFrom = new HashMap<>(PLATFORM);
  private final Stages stages;
  private final Set<String> usedArguments = new HashSet<>();
  private final Map<Integer, List<RecipeStep>> argumentsOfStages = new HashMap<>();
  private List<RecipeStep> steps = new ArrayList<>();
  private Recipe.@Nullable Start start;
  private int stepsBefore;

  private RecipeParser(Map<String, String> buildArguments, List<LogicalLine> lines) {
    this.buildArguments = buildArguments;
    this.stages = new Stages(stageNames(lines));
  }

  /// Reads the entries that a client sends. They are joined by newlines first: an entry may be a
  /// fragment of a continued line, or hold several lines.
  ///
  /// @throws SlipwayException INVALID with the number and the line for what no Dockerfile may hold;
  ///   UNSUPPORTED for what only this builder cannot do
  public static Recipe parse(List<String> entries, Map<String, String> buildArguments) {
    return read(entries, buildArguments).stages.recipe();
  }

  /// What is to be known of a recipe beside its steps.
  ///
  /// @throws SlipwayException as [#parse] does
  public static RecipeAsides asides(List<String> entries, Map<String, String> buildArguments) {
    RecipeParser parser = read(entries, buildArguments);
    List<String> unused =
        buildArguments.keySet().stream()
            .filter(name -> !parser.usedArguments.contains(name) && !RecipeAsides.isProxy(name))
            .sorted()
            .map(name -> "'" + name + "'")
            .toList();
    return new RecipeAsides(
        unused.isEmpty()
            ? List.of()
            : List.of(
                "No ARG of the recipe uses the build argument%s %s."
                    .formatted(unused.size() == 1 ? "" : "s", String.join(", ", unused))),
        parser.stages.ofImages(),
        RecipeAsides.proxies(buildArguments));
  }

  private static RecipeParser read(List<String> entries, Map<String, String> buildArguments) {
    String text = String.join("\n", entries);
    if (text.length() > MOST_CHARACTERS) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "an image's recipe may have %,d characters, this one has %,d"
              .formatted(MOST_CHARACTERS, text.length()));
    }
    // Some editors put a byte order mark in front of what they write.
    List<LogicalLine> lines = LogicalLines.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
    RecipeParser parser = new RecipeParser(buildArguments, lines);
    lines.forEach(parser::accept);
    if (parser.start == null) {
      throw new SlipwayException(
          ErrorKind.INVALID, "the image's recipe has no FROM line, which must come first");
    }
    parser.endStage(lines.getLast());
    return parser;
  }

  private static List<String> stageNames(List<LogicalLine> lines) {
    return lines.stream()
        .filter(line -> line.keyword().equalsIgnoreCase("FROM"))
        .map(line -> {
          List<String> words = Words.split(line, line.arguments());
          int as = words.size() - 2;
          return as > 0 && words.get(as).equalsIgnoreCase("AS") ? words.getLast() : "";
        })
        .toList();
  }

  private void accept(LogicalLine line) {
    String keyword = line.keyword().toUpperCase(Locale.ROOT);
    if (keyword.equals("FROM")) {
      readFrom(line);
    } else if (start == null && keyword.equals("ARG")) {
      argumentsBeforeFrom.putAll(expandedArguments(line));
    } else if (start == null) {
      throw line.malformed("only ARG may stand before the first FROM");
    } else {
      add(line, readStep(keyword, line));
    }
  }

  private void add(LogicalLine line, BuildStep step) {
    if (stepsBefore + steps.size() == MOST_STEPS) {
      throw line.malformed("an image's recipe may have %,d steps".formatted(MOST_STEPS));
    }
    steps.add(new RecipeStep(steps.size() + 1, line.text(), step));
  }

  private BuildStep readStep(String keyword, LogicalLine line) {
    return switch (keyword) {
      case "RUN" -> new RunReader(line, stages).read();
      case "ENV" -> new BuildStep.Environment(readVariables(line));
      case "ARG" -> new BuildStep.Arguments(readArguments(line));
      case "COPY" -> new CopyReader(line, stages).copy();
      case "ADD" -> new CopyReader(line, stages).add();
      case "WORKDIR" -> new BuildStep.WorkingDirectory(readText(line, "a path"));
      case "USER" -> new BuildStep.User(readText(line, "a user's name or number"));
      case "CMD" -> {
        Optional<List<String>> words = Words.findJsonStrings(line.arguments());
        yield new BuildStep.Command(words.orElseGet(() -> shellForm(line)), words.isEmpty());
      }
      case "ENTRYPOINT" -> {
        Optional<List<String>> words = Words.findJsonStrings(line.arguments());
        yield new BuildStep.Entrypoint(words.orElseGet(() -> shellForm(line)), words.isEmpty());
      }
      case "SHELL" -> readShell(line);
      case "LABEL", "MAINTAINER", "EXPOSE", "VOLUME", "HEALTHCHECK", "STOPSIGNAL" ->
          new NoteReader(line).read(keyword);
      case "ONBUILD" ->
          throw line.unsupported(
              "ONBUILD is not supported, since images are built in layers on one another here and the first of them would run it; the recipes that start from this image can have the instruction itself");
      default -> throw line.malformed("there is no instruction " + line.keyword());
    };
  }

  // ---- FROM and ARG

  private void readFrom(LogicalLine line) {
    if (start != null) {
      endStage(line);
    }
    List<String> words = new ArrayList<>(Words.split(line, line.arguments()));
    if (!words.isEmpty() && words.getFirst().startsWith("--platform=")) {
      String platform = expand(line, words.removeFirst().substring("--platform=".length()));
      if (!platform.isEmpty() && !platform.equals("linux/amd64") && !platform.equals("linux")) {
        throw line.unsupported("images are built for linux/amd64, not for " + platform);
      }
    }
    boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("AS");
    if (words.size() != 1 && !named) {
      throw line.malformed("FROM is followed by the name of an image, and perhaps AS and a name");
    }
    if (named) {
      requireStageName(line, words.get(2));
    }
    String name = expand(line, words.getFirst());
    if (name.isEmpty()) {
      throw line.malformed("the name of the image is empty once its variables are replaced");
    }
    start = stages.start(line, name);
    if (start instanceof Recipe.Start.Earlier earlier) {
      // A stage sees the build arguments of the one that it starts from.
      steps.addAll(argumentsOfStages.getOrDefault(earlier.stage(), List.of()));
    }
  }

  private void requireStageName(LogicalLine line, String name) {
    if (!name.matches("[A-Za-z][A-Za-z0-9._-]*")) {
      throw line.malformed("'" + name + "' cannot be the name of a stage");
    }
    if (stages.find(name).isPresent()) {
      throw line.malformed("there is a stage '" + name + "' already");
    }
  }

  private void endStage(LogicalLine line) {
    if (start != null) {
      stages.add(line, start, steps);
      argumentsOfStages.put(
          stages.lastPlace(),
          steps.stream().filter(step -> step.step() instanceof BuildStep.Arguments).toList());
    }
    stepsBefore += steps.size();
    steps = new ArrayList<>();
  }

  private String expand(LogicalLine line, String word) {
    try {
      return Template.expand(Words.template(line, word), argumentsBeforeFrom);
    } catch (SlipwayException e) {
      throw line.malformed(e.getMessage() == null ? "it cannot be expanded" : e.getMessage());
    }
  }

  private Map<String, String> expandedArguments(LogicalLine line) {
    Map<String, String> result = new LinkedHashMap<>();
    for (String word : argumentWords(line)) {
      String name = argumentName(line, word);
      String given = given(name);
      if (given != null) {
        result.put(name, given);
      } else if (word.length() > name.length()) {
        result.put(name, expand(line, word.substring(name.length() + 1)));
      }
    }
    return result;
  }

  private Map<String, String> readArguments(LogicalLine line) {
    Map<String, String> result = new LinkedHashMap<>();
    for (String word : argumentWords(line)) {
      String name = argumentName(line, word);
      String given = given(name);
      if (given != null) {
        result.put(name, Template.literal(given));
      } else if (word.length() > name.length()) {
        result.put(name, Words.template(line, word.substring(name.length() + 1)));
      } else {
        String inherited = argumentsBeforeFrom.get(name);
        if (inherited != null) {
          result.put(name, Template.literal(inherited));
        }
      }
    }
    return result;
  }

  private @Nullable String given(String name) {
    usedArguments.add(name);
    return buildArguments.get(name);
  }

  private static List<String> argumentWords(LogicalLine line) {
    List<String> words = Words.split(line, line.arguments());
    if (words.isEmpty()) {
      throw line.malformed("ARG is followed by a name, or by NAME=value");
    }
    return words;
  }

  private static String argumentName(LogicalLine line, String word) {
    int equals = word.indexOf('=');
    String name = equals < 0 ? word : word.substring(0, equals);
    return requireName(line, name);
  }

  // ---- steps

  /// Both forms: `ENV A=1 B="2 3"`, and the old `ENV A the rest`.
  private static Map<String, String> readVariables(LogicalLine line) {
    List<String> words = Words.split(line, line.arguments());
    if (words.isEmpty()) {
      throw line.malformed("ENV is followed by NAME=value");
    }
    Map<String, String> result = new LinkedHashMap<>();
    if (!words.getFirst().contains("=")) {
      if (words.size() < 2) {
        throw line.malformed("the variable " + words.getFirst() + " has no value");
      }
      String name = requireName(line, words.getFirst());
      String value = line.arguments().substring(name.length()).strip();
      result.put(name, Words.template(line, value));
      return result;
    }
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw line.malformed("'" + word + "' is not of the form NAME=value");
      }
      result.put(
          requireName(line, word.substring(0, equals)),
          Words.template(line, word.substring(equals + 1)));
    }
    return result;
  }

  private static String requireName(LogicalLine line, String name) {
    if (!name.matches("[^\\s\"'$\\\\=]+")) {
      throw line.malformed("'" + name + "' cannot be the name of a variable");
    }
    return name;
  }

  private static String readText(LogicalLine line, String expected) {
    if (line.arguments().isEmpty()) {
      throw line.malformed(line.keyword() + " is followed by " + expected);
    }
    return Words.template(line, line.arguments());
  }

  private static List<String> shellForm(LogicalLine line) {
    return line.arguments().isEmpty() ? List.of() : List.of(line.arguments());
  }

  private static BuildStep readShell(LogicalLine line) {
    List<String> words = Words.findJsonStrings(line.arguments()).orElse(List.of());
    if (words.isEmpty()) {
      throw line.malformed(
          "SHELL is followed by a JSON list of words, such as [\"/bin/bash\", \"-c\"]");
    }
    return new BuildStep.Shell(words);
  }
}
