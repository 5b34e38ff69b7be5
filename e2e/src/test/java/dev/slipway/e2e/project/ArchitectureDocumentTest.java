package dev.slipway.e2e.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.testkit.Project;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// `ARCHITECTURE.md` has a line for every package that is shipped, and for no other.
class ArchitectureDocumentTest {
  private static final String BASE = "src/main/java/dev/slipway/";
  private static final Pattern LINE = Pattern.compile("(?m)^\\| `([a-z.]+)` \\|");
  private static final Set<String> NOT_SHIPPED = Set.of("testkit", "e2e", "benchmarks");

  @Test
  void theTableOfPackagesIsComplete() {
    Set<String> documented =
        LINE.matcher(Sources.read(Project.root().resolve("ARCHITECTURE.md")))
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(shipped());
  }

  private static Set<String> shipped() {
    Set<String> packages = new TreeSet<>();
    for (Path path : Sources.java()) {
      String name = Sources.name(path);
      int start = name.indexOf(BASE);
      if (start >= 0) {
        String inside = name.substring(start + BASE.length(), name.lastIndexOf('/'));
        packages.add(inside.replace('/', '.'));
      }
    }
    packages.removeIf(name -> NOT_SHIPPED.contains(name.split("\\.")[0]));
    return packages;
  }
}
