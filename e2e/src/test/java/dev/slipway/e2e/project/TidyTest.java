package dev.slipway.e2e.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What no formatter and no compiler looks at.
class TidyTest {
  /// A class that is longer has more than one job.
  private static final int MAX_FILE_LINES = 450;

  /// A method that is longer cannot be read at one sight.
  private static final int MAX_METHOD_LINES = 70;

  /// Put together here, so that this file does not find itself.
  private static final Pattern LEFT_OVERS =
      Pattern.compile(
          Stream.of("TO" + "DO", "FIX" + "ME", "XX" + "X", "@Dis" + "abled", "not imple" + "mented")
              .collect(Collectors.joining("|", "(?<![A-Za-z])(", ")(?![A-Za-z])")));

  private static final Pattern WORKPLACE = Pattern.compile("/wo" + "rk/[a-z.]|/tmp/" + "w/");

  private static final Set<String> NAMES_THAT_SAY_NOTHING =
      Set.of("util", "utils", "common", "commons", "helper", "helpers", "manager", "misc");

  @Test
  void filesAreShortEnoughToRead() {
    List<String> long_ = new ArrayList<>();
    for (Path path : Sources.java()) {
      long lines = Sources.read(path).lines().count();
      if (lines > MAX_FILE_LINES) {
        long_.add(Sources.name(path) + " has " + lines + " lines");
      }
    }
    assertThat(long_).isEmpty();
  }

  @Test
  void methodsAreShortEnoughToRead() {
    assertThat(MethodLengths.of(Sources.java()))
        .isNotEmpty()
        .filteredOn(method -> method.lines() > MAX_METHOD_LINES)
        .isEmpty();
  }

  @Test
  void nothingIsLeftForLater() {
    assertThat(linesWith(LEFT_OVERS)).isEmpty();
  }

  @Test
  void nothingNamesTheMachineItWasWrittenOn() {
    assertThat(linesWith(WORKPLACE)).isEmpty();
  }

  @Test
  void everyPackageSaysWhatItIsAndIsNullMarked() {
    List<String> silent = new ArrayList<>();
    for (Path directory : packages("main")) {
      Path info = directory.resolve("package-info.java");
      if (!Files.exists(info)) {
        silent.add(Sources.name(directory) + " has no package-info.java");
      } else if (!Sources.read(info).contains("@NullMarked")) {
        silent.add(Sources.name(info) + " is not @NullMarked");
      } else if (!Sources.read(info).startsWith("/// ")) {
        silent.add(Sources.name(info) + " says nothing");
      }
    }
    assertThat(silent).isEmpty();
  }

  @Test
  void packagesAreNamedByWhatTheyAreAbout() {
    assertThat(packages("main"))
        .isNotEmpty()
        .noneMatch(path ->
            NAMES_THAT_SAY_NOTHING.contains(
                path.getFileName().toString().toLowerCase(Locale.ROOT)));
  }

  private static Set<Path> packages(String kind) {
    return Sources.java().stream()
        .filter(path -> Sources.name(path).contains("src/" + kind + "/java/"))
        .map(Path::getParent)
        .collect(Collectors.toSet());
  }

  private static List<String> linesWith(Pattern pattern) {
    List<String> found = new ArrayList<>();
    for (Path path : Sources.text()) {
      int number = 0;
      for (String line : Sources.read(path).lines().toList()) {
        number++;
        Matcher matcher = pattern.matcher(line);
        if (matcher.find()) {
          found.add(Sources.name(path) + ":" + number + ": " + line.strip());
        }
      }
    }
    return found;
  }
}
