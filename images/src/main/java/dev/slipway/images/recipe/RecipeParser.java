package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads Dockerfile lines into a [Recipe].
public final class RecipeParser {
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final int MOST_STEPS = 1_000;

  private final Map<String, String> buildArguments;
  private final Map<String, String> argumentsBeforeFrom = new HashMap<>();
  private final List<RecipeStep> steps = new ArrayList<>();
  private @Nullable String base;

  private RecipeParser(Map<String, String> buildArguments) {
    this.buildArguments = buildArguments;
  }

  /// Reads the entries that a client sends. They are joined by newlines first: an entry may be a
  /// fragment of a continued line, or hold several lines.
  ///
  /// @throws SlipwayException INVALID with the number and the line for what no Dockerfile may hold;
  ///   UNSUPPORTED for what only this builder cannot do
  public static Recipe parse(List<String> entries, Map<String, String> buildArguments) {
    String text = String.join("\n", entries);
    if (text.length() > MOST_CHARACTERS) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "an image's recipe may have %,d characters, this one has %,d"
              .formatted(MOST_CHARACTERS, text.length()));
    }
    RecipeParser parser = new RecipeParser(buildArguments);
    LogicalLines.of(text).forEach(parser::accept);
    if (parser.base == null) {
      throw new SlipwayException(
          ErrorKind.INVALID, "the image's recipe has no FROM line, which must come first");
    }
    return new Recipe(parser.base, parser.steps);
  }

  private void accept(LogicalLine line) {
    String keyword = line.keyword().toUpperCase(Locale.ROOT);
    if (keyword.equals("FROM")) {
      readFrom(line);
    } else if (base == null && keyword.equals("ARG")) {
      argumentsBeforeFrom.putAll(expandedArguments(line));
    } else if (base == null) {
      throw line.malformed("only ARG may stand before the first FROM");
    } else {
      BuildStep step = readStep(keyword, line);
      if (steps.size() == MOST_STEPS) {
        throw line.malformed("an image's recipe may have %,d steps".formatted(MOST_STEPS));
      }
      steps.add(new RecipeStep(steps.size() + 1, line.text(), step));
    }
  }

  private BuildStep readStep(String keyword, LogicalLine line) {
    return switch (keyword) {
      case "RUN" -> readRun(line);
      case "ENV" -> new BuildStep.Environment(readVariables(line));
      case "ARG" -> new BuildStep.Arguments(readArguments(line));
      case "COPY" -> readCopy(line);
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
      case "LABEL", "MAINTAINER" ->
          new BuildStep.Note(keyword + " is ignored: images here carry no labels");
      case "EXPOSE" ->
          new BuildStep.Note(
              "EXPOSE is ignored: the program that starts a container opens its ports");
      case "VOLUME" -> new BuildStep.Note("VOLUME is ignored: volumes are attached by functions");
      case "HEALTHCHECK" ->
          new BuildStep.Note("HEALTHCHECK is ignored: containers are watched by the platform");
      case "STOPSIGNAL" ->
          new BuildStep.Note("STOPSIGNAL is ignored: containers are interrupted, then killed");
      case "ADD" ->
          throw line.unsupported(
              "ADD is not supported; COPY takes files of the build context, and RUN can download");
      case "ONBUILD" -> throw line.unsupported("ONBUILD is not supported");
      default -> throw line.malformed("there is no instruction " + line.keyword());
    };
  }

  // ---- FROM and ARG

  private void readFrom(LogicalLine line) {
    if (base != null) {
      throw line.unsupported("recipes of several stages are not supported");
    }
    List<String> words = new ArrayList<>(Words.split(line, line.arguments()));
    if (!words.isEmpty() && words.getFirst().startsWith("--platform=")) {
      String platform = expand(line, words.removeFirst().substring("--platform=".length()));
      if (!platform.isEmpty() && !platform.equals("linux/amd64")) {
        throw line.unsupported("images are built for linux/amd64, not for " + platform);
      }
    }
    boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("AS");
    if (words.size() != 1 && !named) {
      throw line.malformed("FROM is followed by the name of an image");
    }
    String name = expand(line, words.getFirst());
    if (name.isEmpty()) {
      throw line.malformed("the name of the image is empty once its variables are replaced");
    }
    base = name;
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
      String given = buildArguments.get(name);
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
      String given = buildArguments.get(name);
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

  private static BuildStep readRun(LogicalLine line) {
    String text = line.arguments();
    if (text.isEmpty()) {
      throw line.malformed("RUN is followed by a command");
    }
    refuseFlags(line, text);
    refuseHeredoc(line, text);
    Optional<List<String>> words = Words.findJsonStrings(text);
    if (words.isPresent() && words.get().isEmpty()) {
      throw line.malformed("RUN [] names no command");
    }
    return new BuildStep.Run(words.orElse(List.of(text)), words.isEmpty());
  }

  private static void refuseFlags(LogicalLine line, String text) {
    if (text.startsWith("--")) {
      throw line.unsupported("the flag " + text.split("\\s", 2)[0] + " is not supported");
    }
  }

  private static void refuseHeredoc(LogicalLine line, String text) {
    for (String word : Words.split(line, text)) {
      if (word.matches("\\d*<<-?[\"']?[A-Za-z_]\\w*[\"']?.*")) {
        throw line.unsupported("here-documents ('" + word + "') are not supported");
      }
    }
  }

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

  private static BuildStep readCopy(LogicalLine line) {
    String text = line.arguments();
    while (text.startsWith("--link ") || text.startsWith("--link=")) {
      // Says only how other builders store the layer.
      text = text.substring(text.split("\\s", 2)[0].length()).strip();
    }
    refuseFlags(line, text);
    refuseHeredoc(line, text);
    List<String> words =
        Words.findJsonStrings(text).orElse(Words.split(line, text)).stream()
            .map(word -> Words.template(line, word))
            .toList();
    if (words.size() < 2) {
      throw line.malformed("COPY is followed by sources and a destination");
    }
    List<String> sources = words.subList(0, words.size() - 1);
    String destination = words.getLast();
    boolean directory =
        destination.endsWith("/")
            || destination.endsWith("}") // a variable, which may end with a slash
            || destination.matches("(.*/)?\\.{1,2}");
    if (sources.size() > 1 && !directory) {
      throw line.malformed(
          "several sources go into a directory: the destination must end with '/'");
    }
    return new BuildStep.Copy(sources, destination);
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
