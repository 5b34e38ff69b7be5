package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.ModeChange;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads COPY and ADD.
final class CopyReader {
  private static final Set<String> COPY_FLAGS = Set.of("from", "chown", "chmod", "link");
  private static final Set<String> ADD_FLAGS = Set.of("chown", "chmod", "link", "unpack");
  private static final Set<String> REFUSED =
      Set.of("parents", "exclude", "checksum", "keep-git-dir");

  private static final Pattern ADDRESS = Pattern.compile("(?is)https?://.*");

  /// An address of the web that is a repository's, and perhaps one of its versions.
  private static final Pattern REPOSITORY = Pattern.compile("(?is)https?://[^?#]*\\.git(#.*)?");

  private final LogicalLine line;
  private final Stages stages;

  CopyReader(LogicalLine line, Stages stages) {
    this.line = line;
    this.stages = stages;
  }

  BuildStep copy() {
    // --link says only how other builders store the layer.
    Flags flags = Flags.read(line, COPY_FLAGS, REFUSED);
    Optional<Integer> stage = flags.find("from").map(name -> stages.source(line, name));
    return read(flags, stage, false);
  }

  BuildStep add() {
    Flags flags = Flags.read(line, ADD_FLAGS, REFUSED);
    return read(flags, Optional.empty(), flags.find("unpack").isEmpty() || flags.isSet("unpack"));
  }

  private BuildStep read(Flags flags, Optional<Integer> stage, boolean unpack) {
    List<String> words =
        Words.findJsonStrings(flags.rest()).orElseGet(() -> Words.split(line, flags.rest()));
    if (words.size() < 2) {
      throw line.malformed(line.keyword() + " is followed by sources and a destination");
    }
    List<String> sources = new ArrayList<>();
    for (String word : words.subList(0, words.size() - 1)) {
      if (word.matches("(?i)(ftp|git|ssh)://.*|git@.*")) {
        throw line.unsupported(
            "'"
                + word
                + "' is not fetched, only http:// and https:// are; RUN can, and its result is kept as well");
      }
      if (REPOSITORY.matcher(word).matches()) {
        throw line.unsupported(
            "'%s' is a repository of git, which is not fetched; RUN git clone can".formatted(word));
      }
      if (line.texts().isEmpty() || !LogicalLines.isHeredoc(word)) {
        sources.add(Words.template(line, word));
      }
    }
    if (sources.stream().anyMatch(CopyReader::isAddress)) {
      requireAlone(sources);
    }
    List<BuildStep.TextFile> texts =
        line.texts().stream()
            .map(text ->
                new BuildStep.TextFile(
                    text.name(),
                    text.quoted()
                        ? Template.literal(text.text())
                        : Words.textTemplate(line, text.text())))
            .toList();
    String destination = Words.template(line, words.getLast());
    if (sources.size() + texts.size() > 1 && !mayBeDirectory(destination)) {
      throw line.malformed(
          "several sources go into a directory: the destination must end with '/'");
    }
    return new BuildStep.Copy(
        stage,
        sources,
        texts,
        destination,
        flags.template("chown"),
        mode(flags),
        unpacks(flags, sources, unpack));
  }

  /// What can be read now is refused now, with the line.
  private String mode(Flags flags) {
    String mode = flags.template("chmod");
    if (flags.find("chmod").isPresent() && !mode.contains("$")) {
      try {
        ModeChange change = new ModeChange(mode);
        return change.text();
      } catch (SlipwayException e) {
        throw line.malformed(String.valueOf(e.getMessage()));
      }
    }
    return mode;
  }

  /// Archives from the web are kept as they are, unless the line says otherwise.
  private static boolean unpacks(Flags flags, List<String> sources, boolean unpack) {
    return unpack && (!sources.stream().anyMatch(CopyReader::isAddress) || flags.isSet("unpack"));
  }

  /// Whether a source is an address of the web.
  static boolean isAddress(String source) {
    return ADDRESS.matcher(source).matches();
  }

  private void requireAlone(List<String> sources) {
    if (!line.keyword().equals("ADD")) {
      throw line.malformed("COPY takes nothing from the web: ADD does");
    }
    if (sources.size() + line.texts().size() > 1) {
      throw line.malformed("ADD takes one address in a line, and no other source beside it");
    }
  }

  private static boolean mayBeDirectory(String destination) {
    return destination.endsWith("/")
        || destination.endsWith("}") // a variable, which may end with a slash
        || destination.matches("(.*/)?\\.{1,2}");
  }
}
