package dev.slipway.e2e.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.Project;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `SPEC.md` promises nothing without saying which test holds it, and names no test that is not
/// there.
class SpecTest {
  private static final Pattern PROMISE =
      Pattern.compile(
          "(?m)^(\\d+)\\. (.+?)(?=^\\d+\\. |^#|\\z)", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*)(?:\\.(\\w+))?`");

  private record Promise(int number, String text) {
    /// What stands after the arrow: tests, or that there is none yet.
    Optional<String> holders() {
      int arrow = text.lastIndexOf("→");
      return arrow < 0 ? Optional.empty() : Optional.of(text.substring(arrow + 1).strip());
    }
  }

  @Test
  void promisesAreNumberedWithoutGaps() {
    List<Promise> promises = promises();
    assertThat(promises).hasSizeGreaterThan(20);
    for (int index = 0; index < promises.size(); index++) {
      assertThat(promises.get(index).number()).isEqualTo(index + 1);
    }
  }

  @Test
  void everyPromiseNamesATestOrSaysNotYet() {
    assertThat(promises())
        .allSatisfy(promise ->
            assertThat(promise.holders())
                .as("promise %d", promise.number())
                .hasValueSatisfying(holders ->
                    assertThat(holders.equals("not yet.") || TEST.matcher(holders).find())
                        .isTrue()));
  }

  @Test
  void everyNamedTestExists() {
    Map<String, String> tests =
        Sources.java().stream()
            .filter(path -> Sources.name(path).contains("src/test/java/"))
            .collect(
                Collectors.toMap(SpecTest::className, Sources::read, (one, other) -> one + other));
    List<String> missing = new ArrayList<>();
    for (Promise promise : promises()) {
      Matcher named = TEST.matcher(promise.holders().orElse(""));
      while (named.find()) {
        String source = tests.get(named.group(1));
        if (source == null) {
          missing.add(promise.number() + ": no class " + named.group(1));
        } else if (named.group(2) != null && !source.contains("void " + named.group(2) + "(")) {
          missing.add(promise.number() + ": no method " + named.group());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static String className(Path path) {
    return path.getFileName().toString().replace(".java", "");
  }

  private static List<Promise> promises() {
    Matcher matcher = PROMISE.matcher(Sources.read(Project.root().resolve("SPEC.md")));
    List<Promise> promises = new ArrayList<>();
    while (matcher.find()) {
      promises.add(new Promise(Integer.parseInt(matcher.group(1)), matcher.group(2)));
    }
    return promises;
  }
}
