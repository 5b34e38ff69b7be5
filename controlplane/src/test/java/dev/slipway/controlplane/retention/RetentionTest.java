package dev.slipway.controlplane.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.controlplane.image.ImageStore;
import dev.slipway.controlplane.image.KeptImages;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.ImageId;
import dev.slipway.model.WorkspaceId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("integration")
class RetentionTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");
  private static final Instant OLD = NOW.minus(Duration.ofDays(3));
  private static final WorkspaceId OURS = new WorkspaceId("ac-ours");
  private static final WorkspaceId THEIRS = new WorkspaceId("ac-theirs");

  private final Map<ImageId, Need> needs = new HashMap<>();
  private final Machine machine = new Machine();
  private final KeptImages images = new KeptImages(new ImageStore(FIXTURE.database().jdbi()));

  @BeforeEach
  void clear() {
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> handle.execute("truncate image, image_cache, image_log"));
  }

  @Test
  void whatNobodyNeedsGoesAndItsImageIsForgotten() throws InterruptedException {
    image("im-old", OURS, OLD, "ly-base", "ly-old");
    image("im-used", OURS, OLD, "ly-base", "ly-used");
    needs.put(new ImageId("im-used"), new Need(OURS, "app bakery runs in im-used"));
    machine.holds("ly-base", "ly-old", "ly-used", "ly-of-no-image");

    assertThat(retention(0).tidy("wk-1")).containsExactly("ly-of-no-image", "ly-old");

    assertThat(images.list()).extracting(image -> image.id().value()).containsExactly("im-used");
    assertThat(cached()).containsExactly("im-used");
    assertThat(machine.since).isEqualTo(NOW.minus(Duration.ofHours(24)));
  }

  @Test
  void whatFitsIntoTheBudgetStays() throws InterruptedException {
    image("im-old", OURS, OLD, "ly-old");
    machine.holds("ly-old");

    assertThat(retention(10).tidy("wk-1")).isEmpty();
    assertThat(images.list()).hasSize(1);
  }

  @Test
  void anImageThatIsAskedForAtTheSameMomentKeepsItsLayers() throws InterruptedException {
    image("im-old", OURS, OLD, "ly-old");
    image("im-older", OURS, OLD.minusSeconds(1), "ly-older");
    machine.holds("ly-old", "ly-older");
    Retention retention =
        new Retention(
            images,
            () -> {
              // Between the look at the images and their removal, somebody uses one.
              FIXTURE
                  .database()
                  .jdbi()
                  .useHandle(handle ->
                      handle.execute(
                          "update image set last_used_at = ? where id = 'im-old'",
                          NOW.atOffset(ZoneOffset.UTC)));
              return needs;
            },
            machine,
            new RetentionLimits(0, Duration.ofHours(24)),
            Clock.fixed(NOW, ZoneOffset.UTC));

    assertThat(retention.tidy("wk-1")).containsExactly("ly-older");
    assertThat(images.list()).extracting(image -> image.id().value()).containsExactly("im-old");
  }

  @Test
  void everythingThatIsThereIsListedWithItsSizeAndWhyItIsKept() throws InterruptedException {
    image("im-ours", OURS, OLD, "ly-ours");
    image("im-theirs", THEIRS, OLD, "ly-theirs");
    needs.put(new ImageId("im-ours"), new Need(OURS, "app bakery runs in im-ours"));
    needs.put(new ImageId("im-theirs"), new Need(THEIRS, "app brewery runs in im-theirs"));
    machine.holds("ly-ours", "ly-theirs", "ly-nobodys");

    assertThat(retention(25).describe(OURS))
        .containsExactly(
            "wk-1 keeps 3 layers and mounts: 0.0 MiB (budget 0.0 MiB)",
            "   0.0 MiB  layer  ly-nobodys  nobody needs it; it goes when layers are tidied up next",
            "   0.0 MiB  layer  ly-ours  app bakery runs in im-ours",
            "   0.0 MiB  layer  ly-theirs  another workspace needs it");
  }

  private Retention retention(long budget) {
    return new Retention(
        images,
        () -> needs,
        machine,
        new RetentionLimits(budget, Duration.ofHours(24)),
        Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private static List<String> cached() {
    return FIXTURE
        .database()
        .jdbi()
        .withHandle(handle ->
            handle.createQuery("select image_id from image_cache").mapTo(String.class).list());
  }

  private static void image(String id, WorkspaceId workspace, Instant used, String... layers) {
    String contents =
        """
        {"layerIds": ["%s"], "config": {"environment": {}, "workingDirectory": "",
         "entrypoint": [], "command": [], "shell": [], "user": ""}, "pythonVersionInfo": "",
         "pythonPackages": {}, "libcVersionInfo": "", "baseDigest": "", "sizeBytes": 0}
        """
            .formatted(String.join("\", \"", layers));
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle -> {
          handle.execute(
              """
              insert into image (id, workspace_id, layer_key, builder_version, build_id, state,
                                 contents, started_at, finished_at, last_used_at)
              values (?, ?, ?, '2025.06', ?, 'BUILT', cast(? as json), ?, ?, ?)
              """,
              id,
              workspace.value(),
              "%064x".formatted(id.hashCode()),
              "bu-" + id.substring("im-".length()),
              contents,
              used.atOffset(ZoneOffset.UTC),
              used.atOffset(ZoneOffset.UTC),
              used.atOffset(ZoneOffset.UTC));
          handle.execute(
              "insert into image_cache (workspace_id, layer_key, image_id) values (?, ?, ?)",
              workspace.value(),
              "key-of-" + id,
              id);
        });
  }

  /// One machine, whose layers have ten bytes each and were used last long ago.
  private static final class Machine implements Storehouses {
    private final List<Holding> holdings = new ArrayList<>();
    private Instant since = Instant.MAX;

    void holds(String... layers) {
      for (String layer : layers) {
        holdings.add(new Holding(Holding.Kind.LAYER, layer, 10, OLD.minusSeconds(9), 0));
      }
    }

    @Override
    public List<String> listWorkers() {
      return List.of("wk-1");
    }

    @Override
    public Inventory ask(String worker) {
      return new Inventory(NOW, holdings);
    }

    @Override
    public List<String> remove(String worker, Instant unlessUsedSince, List<Holding> removed) {
      since = unlessUsedSince;
      return removed.stream().map(Holding::id).toList();
    }
  }
}
