package dev.slipway.controlplane.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.images.plan.BuildContext;
import dev.slipway.images.plan.BuildPlan;
import dev.slipway.images.recipe.Recipe;
import dev.slipway.images.recipe.RecipeParser;
import dev.slipway.model.BuildStep;
import dev.slipway.model.Digest;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageConfig;
import dev.slipway.model.MountId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class AdditionsTest {
  private static final WorkspaceId OURS = new WorkspaceId("ac-ours");

  private final FakeContextMounts mounts = new FakeContextMounts();

  @Test
  void addressesAreFetchedWithTheVariablesThatTheRecipeAndItsBaseSet() throws Exception {
    mounts.web().put("http://x.example/six-1.16.0.tar.gz?a=b", new MountId("mo-six"));

    Recipe fetched =
        fetched(
            "FROM base",
            "ARG VERSION=1.16.0",
            "ENV NAME=six",
            "ARG ALL=http://${HOST}/$NAME-${VERSION}.tar.gz?a=b",
            "ADD $ALL /first/",
            "ADD --chown=1 http://${HOST}/$NAME-${VERSION}.tar.gz?a=b /src/");

    assertThat(fetched.steps().stream().map(step -> step.step()).skip(3))
        .containsExactly(copy("/first/", ""), copy("/src/", "1"));
  }

  @Test
  void filesOfTheWebAndOthersGoIntoOneDirectory() throws Exception {
    mounts.web().put("http://x.example/a", new MountId("mo-a"));
    mounts.web().put("http://x.example/b.tar", new MountId("mo-b"));

    Recipe fetched =
        fetched("FROM base", "ADD http://${HOST}/a c.tar http://${HOST}/b.tar /d/", "RUN x");

    assertThat(fetched.steps()).extracting(step -> step.number()).containsExactly(1, 1, 2);
    assertThat(fetched.steps().stream().map(step -> step.step()).limit(2))
        .containsExactly(
            new BuildStep.Copy(
                Optional.empty(),
                Optional.of(new MountId("mo-ab")),
                List.of("/a", "/b.tar"),
                List.of(),
                "/d/",
                "",
                "",
                BuildStep.Unpack.NONE),
            new BuildStep.Copy(
                Optional.empty(),
                List.of("c.tar"),
                List.of(),
                "/d/",
                "",
                "",
                BuildStep.Unpack.LOCAL));
  }

  @Test
  void aLineMaySayOfFilesOfTheWebAndOthersThatArchivesAreUnpacked() throws Exception {
    mounts.web().put("http://x.example/b.tar", new MountId("mo-b"));

    for (String flag : List.of("true", "false")) {
      String line = "ADD --unpack=" + flag + " c.tar $U /d/";
      Recipe fetched = fetched("FROM base", "ARG U=http://x.example/b.tar", line);

      assertThat(fetched.steps().stream().skip(1).map(step -> (BuildStep.Copy) step.step()))
          .hasSize(2)
          .extracting(BuildStep.Copy::unpack)
          .containsOnly(flag.equals("true") ? BuildStep.Unpack.ALL : BuildStep.Unpack.NONE);
    }
  }

  @Test
  void theDestinationNamesAFileWhoseAddressDoesNot() throws Exception {
    mounts.web().put("http://x.example/?get=tool", new MountId("mo-tool"));

    Recipe fetched = fetched("FROM base", "WORKDIR /srv", "ADD http://${HOST}/?get=tool bin/tool");

    assertThat(((BuildStep.Copy) fetched.steps().get(1).step()).sources()).containsExactly("/tool");
  }

  @Test
  void checksumsAreForFilesOfTheWeb() throws Exception {
    String sum = "ab".repeat(32);
    mounts.web().put("http://x.example/a", new MountId("mo-a"));

    Recipe fetched =
        fetched("FROM base", "ARG SUM=" + sum, "ADD --checksum=sha256:$SUM http://x.example/a /a");

    assertThat(((BuildStep.Copy) fetched.steps().get(1).step()).mount())
        .contains(new MountId("mo-aabab"));
    assertThatThrownBy(
            () -> fetched("FROM base", "ARG A=a", "ADD --checksum=sha256:" + sum + " $A /a"))
        .hasMessageContaining("--checksum is for a file from the web");
    assertThatThrownBy(
            () -> fetched("FROM base", "ARG S=md5:1", "ADD --checksum=$S http://x.example/a /a"))
        .hasMessageContaining("--checksum=md5:1: sha256:");
  }

  @Test
  void variablesThatNameRepositoriesAreRefusedLikeAddressesOfThem() {
    assertThatThrownBy(() -> fetched("FROM base", "ARG R=https://x.example/y.git", "ADD $R /y"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
        .hasMessage(
            "step 2 (ADD $R /y): 'https://x.example/y.git' is a repository of git, which is not fetched; RUN git clone can");
    assertThatThrownBy(() -> fetched("FROM base", "ARG R=git@x.example:y", "ADD $R /y"))
        .hasMessageContaining("'git@x.example:y' is not fetched");
  }

  private static BuildStep copy(String destination, String owner) {
    return new BuildStep.Copy(
        Optional.empty(),
        Optional.of(new MountId("mo-six")),
        List.of("/six-1.16.0.tar.gz"),
        List.of(),
        destination,
        owner,
        "",
        BuildStep.Unpack.NONE);
  }

  @Test
  void aLayerDependsOnWhatIsThereAndNotOnWhere() throws Exception {
    mounts.web().put("http://one.example/a", new MountId("mo-1"));
    mounts.web().put("http://two.example/a", new MountId("mo-1"));
    Digest one = key(fetched("FROM base", "ADD http://one.example/a /a"));
    Digest two = key(fetched("FROM base", "ADD http://two.example/a /a"));
    mounts.web().put("http://one.example/a", new MountId("mo-2"));
    Digest changed = key(fetched("FROM base", "ADD http://one.example/a /a"));

    assertThat(two).isEqualTo(one);
    assertThat(changed).isNotEqualTo(one);
  }

  @Test
  void whatCannotBeHadIsRefusedWithTheStep() {
    assertThatThrownBy(() -> fetched("FROM base", "RUN a", "ADD http://x.example/none /a"))
        .hasMessageStartingWith("step 2 (ADD http://x.example/none /a): there is no");
  }

  private Recipe fetched(String... lines) throws InterruptedException {
    ImageConfig base = ImageConfig.empty().withEnvironment(Map.of("HOST", "x.example"));
    return new Additions(mounts)
        .fetched(
            OURS,
            RecipeParser.parse(List.of(lines), Map.of()),
            name -> name.equals("base") ? Optional.of(base) : Optional.empty());
  }

  private static Digest key(Recipe recipe) {
    return BuildPlan.of(
            "2025.06",
            recipe,
            Map.of("base", new dev.slipway.model.ImageId("im-base")),
            BuildContext.empty(),
            "",
            new TreeSet<>())
        .key();
  }
}
