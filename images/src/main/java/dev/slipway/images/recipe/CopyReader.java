package dev.slipway.images.recipe;

import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ModeChange;
import dev.slipway.model.SlipwayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads COPY and ADD.
final class CopyReader {
  private static final Set<String> COPY_FLAGS = Set.of("from", "chown", "chmod", "link");
  private static final Set<String> ADD_FLAGS =
      Set.of("chown", "chmod", "link", "unpack", "checksum");
  private static final Set<String> REFUSED = Set.of("parents", "exclude", "keep-git-dir");

  private static final Pattern CHECKSUM = Pattern.compile("sha256:([0-9a-f]{64})");

  private static final Pattern ADDRESS = Pattern.compile("(?is)https?://.*");

  /// An address of the web that is a repository's, and perhaps one of its versions.
  private static final Pattern REPOSITORY = Pattern.compile("(?is)https?://[^?#]*\\.git(#.*)?");

  private static final String NOT_COPIED = "COPY takes nothing from the web: ADD does";

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
    return read(flags, stage, BuildStep.Unpack.NONE);
  }

  BuildStep add() {
    Flags flags = Flags.read(line, ADD_FLAGS, REFUSED);
    BuildStep.Unpack unpack =
        flags.find("unpack").isEmpty()
            ? BuildStep.Unpack.LOCAL
            : flags.isSet("unpack") ? BuildStep.Unpack.ALL : BuildStep.Unpack.NONE;
    return read(flags, Optional.empty(), unpack);
  }

  private BuildStep read(Flags flags, Optional<Integer> stage, BuildStep.Unpack unpack) {
    List<String> words =
        Words.findJsonStrings(flags.rest()).orElseGet(() -> Words.split(line, flags.rest()));
    if (words.size() < 2) {
      throw line.malformed(line.keyword() + " is followed by sources and a destination");
    }
    List<String> sources = new ArrayList<>();
    for (String word : words.subList(0, words.size() - 1)) {
      refusal(word)
          .ifPresent(why -> {
            throw line.unsupported(why);
          });
      if (line.texts().isEmpty() || !LogicalLines.isHeredoc(word)) {
        sources.add(Words.template(line, word));
      }
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
    requireFromTheWeb(flags, sources);
    String destination = Words.template(line, words.getLast());
    if (sources.size() + texts.size() > 1 && !mayBeDirectory(destination)) {
      throw line.malformed(
          "several sources go into a directory: the destination must end with '/'");
    }
    return new BuildStep.Copy(
        stage,
        Optional.empty(),
        sources,
        texts,
        destination,
        flags.template("chown"),
        mode(flags),
        unpack,
        checksum(flags));
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

  private String checksum(Flags flags) {
    String checksum = flags.template("checksum");
    if (flags.find("checksum").isPresent() && !checksum.contains("$")) {
      try {
        return "sha256:" + checksum(checksum);
      } catch (SlipwayException e) {
        throw line.malformed(String.valueOf(e.getMessage()));
      }
    }
    return checksum;
  }

  /// @throws SlipwayException INVALID for what is no checksum
  static Digest checksum(String text) {
    Matcher matcher = CHECKSUM.matcher(text);
    if (!matcher.matches()) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "--checksum=%s: sha256: and 64 lower-case hexadecimal digits were expected"
              .formatted(text));
    }
    return new Digest(matcher.group(1));
  }

  /// Why a source cannot be had, if so.
  static Optional<String> refusal(String source) {
    if (source.matches("(?is)(ftp|git|ssh)://.*|git@.*")) {
      return Optional.of(
          "'%s' is not fetched, only http:// and https:// are; RUN can, and its result is kept as well"
              .formatted(source));
    }
    return REPOSITORY.matcher(source).matches()
        ? Optional.of(
            "'%s' is a repository of git, which is not fetched; RUN git clone can"
                .formatted(source))
        : Optional.empty();
  }

  /// Whether a source is an address of the web.
  static boolean isAddress(String source) {
    return ADDRESS.matcher(source).matches();
  }

  /// Checks what a line says of files from the web.
  private void requireFromTheWeb(Flags flags, List<String> sources) {
    long addresses = sources.stream().filter(CopyReader::isAddress).count();
    boolean alone = sources.size() == 1 && line.texts().isEmpty();
    if (addresses > 0 && !line.keyword().equalsIgnoreCase("ADD")) {
      throw line.malformed(NOT_COPIED);
    }
    if (flags.find("checksum").isPresent()
        && !(alone && (addresses == 1 || sources.getFirst().startsWith("$")))) {
      throw line.malformed("--checksum is for one file from the web");
    }
  }

  private static boolean mayBeDirectory(String destination) {
    return destination.endsWith("/")
        || destination.endsWith("}") // a variable, which may end with a slash
        || destination.matches("(.*/)?\\.{1,2}");
  }
}
