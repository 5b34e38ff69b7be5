package dev.slipway.controlplane.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.controlplane.object.Creation;
import dev.slipway.controlplane.object.ObjectFixture;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.model.AppId;
import dev.slipway.model.EnvironmentId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import dev.slipway.model.WorkspaceId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class SecretRulesTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private static final WorkspaceId OURS = ObjectFixture.OURS.workspace();
  private static final AppId APP = new AppId("ap-one");

  @TempDir Path directory;
  private SecretFixture fixture = fixture();

  private SecretFixture fixture() {
    return new SecretFixture(
        FIXTURE.database().jdbi(), Path.of("/nonexistent/replaced-before-each-test"));
  }

  @BeforeEach
  void open() {
    fixture = new SecretFixture(FIXTURE.database().jdbi(), directory.resolve("key"));
  }

  @Test
  void ofSeveralSecretsTheLaterOneWins() {
    SecretId first = fixture.make("first", Map.of("USER", "ann", "TOKEN", "1"));
    SecretId second = fixture.make("second", Map.of("TOKEN", "2 \n ✓", "EMPTY", ""));

    assertThat(fixture.open(first, second))
        .isEqualTo(Map.of("USER", "ann", "TOKEN", "2 \n ✓", "EMPTY", ""));
    assertThat(fixture.open(second, first)).containsEntry("TOKEN", "1");
    assertThat(fixture.open()).isEmpty();
    assertThat(fixture.secrets().names(OURS, List.of(first, second)))
        .containsExactly("EMPTY", "TOKEN", "USER");
  }

  @Test
  void aServerThatStartsAgainReadsWhatTheOneBeforeWrote() {
    SecretId id = fixture.make("token", Map.of("TOKEN", "hush"));

    assertThat(fixture.reopened(directory.resolve("key")).open(OURS, List.of(id)).values())
        .isEqualTo(Map.of("TOKEN", "hush"));
  }

  @Test
  void makingAndOverwriting() {
    SecretId id = fixture.make("token", Map.of("TOKEN", "1", "OLD", "x"));
    Secrets secrets = fixture.secrets();

    assertThat(
            secrets.make(ObjectFixture.OURS, "token", Creation.IF_MISSING, Map.of("A", "b")).id())
        .isEqualTo(id);
    assertThat(fixture.open(id)).isEqualTo(Map.of("TOKEN", "1", "OLD", "x"));
    assertThatThrownBy(() -> fixture.make("token", Map.of("A", "b")))
        .hasMessageContaining("'token'")
        .hasMessageContaining("already");
    assertThat(secrets.overwrite(ObjectFixture.OURS, "token", Map.of("TOKEN", "2")).id())
        .isEqualTo(id);
    assertThat(fixture.open(id)).isEqualTo(Map.of("TOKEN", "2"));
    assertThat(secrets.overwrite(ObjectFixture.OURS, "new", Map.of("TOKEN", "3")).names())
        .containsExactly("TOKEN");
  }

  @Test
  void someVariablesAreSetAndOthersRemoved() {
    SecretId id = fixture.make("token", Map.of("KEPT", "1", "SET", "2", "GONE", "3"));

    fixture
        .secrets()
        .update(
            OURS,
            id,
            Map.of("SET", Optional.of("two"), "NEW", Optional.of(""), "GONE", Optional.empty()));

    assertThat(fixture.open(id)).isEqualTo(Map.of("KEPT", "1", "SET", "two", "NEW", ""));
  }

  @Test
  void aLookUpNamesTheVariablesThatAreMissing() {
    fixture.make("token", Map.of("USER", "ann", "TOKEN", "hush"));

    assertThat(fixture.secrets().require(ObjectFixture.OURS, "token", List.of("TOKEN")).names())
        .containsExactly("TOKEN", "USER");
    assertThatThrownBy(() ->
            fixture
                .secrets()
                .require(ObjectFixture.OURS, "token", List.of("USER", "REGION", "KEY")))
        .hasMessage(
            "secret 'token' in environment 'main' lacks the required [KEY, REGION]; it has [TOKEN,"
                + " USER]");
    assertThatThrownBy(() -> fixture.secrets().require(ObjectFixture.DEV, "token", List.of()))
        .hasMessageContaining("'token'")
        .hasMessageContaining("'dev'");
  }

  @Test
  void noWorkspaceReadsTheSecretsOfAnother() {
    SecretId id = fixture.make("token", Map.of("TOKEN", "hush"));
    WorkspaceId theirs = ObjectFixture.THEIRS.workspace();
    Secrets secrets = fixture.secrets();

    assertThatThrownBy(() -> secrets.open(theirs, List.of(id))).hasMessageContaining(id.value());
    assertThatThrownBy(() -> secrets.names(theirs, List.of(id))).hasMessageContaining(id.value());
    assertThatThrownBy(() -> secrets.require(theirs, id)).hasMessageContaining(id.value());
    assertThatThrownBy(() -> secrets.update(theirs, id, Map.of("TOKEN", Optional.empty())))
        .hasMessageContaining(id.value());
    assertThatThrownBy(() -> secrets.delete(theirs, id)).hasMessageContaining(id.value());
    assertThat(fixture.open(id)).containsEntry("TOKEN", "hush");
  }

  @Test
  void equalAnonymousSecretsOfAnAppAreOne() throws Exception {
    Map<String, String> variables = Map.of("TOKEN", "hush", "USER", "ann");
    Callable<SecretId> make =
        () -> fixture.secrets().makeAnonymous(ObjectFixture.OURS, Optional.of(APP), variables).id();
    List<Future<SecretId>> made;
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      made = callers.invokeAll(java.util.Collections.nCopies(8, make));
    }
    SecretId id = make.call();

    for (Future<SecretId> one : made) {
      assertThat(one.get()).isEqualTo(id);
    }
    assertThat(
            fixture
                .secrets()
                .makeAnonymous(
                    ObjectFixture.OURS, Optional.of(APP), Map.of("TOKEN", "other", "USER", "ann"))
                .id())
        .isNotEqualTo(id);
    assertThat(
            fixture
                .secrets()
                .makeAnonymous(ObjectFixture.OURS, Optional.of(new AppId("ap-two")), variables)
                .id())
        .isNotEqualTo(id);
    assertThat(fixture.makeAnonymous(variables)).isNotEqualTo(fixture.makeAnonymous(variables));
  }

  @Test
  void anonymousSecretsGoWithTheirAppOrWhenNobodyUsesThem() {
    Secrets secrets = fixture.secrets();
    SecretId named = fixture.make("token", Map.of("A", "1"));
    SecretId ofApp =
        secrets.makeAnonymous(ObjectFixture.OURS, Optional.of(APP), Map.of("A", "1")).id();
    SecretId used = fixture.makeAnonymous(Map.of("A", "1"));
    SecretId unused = fixture.makeAnonymous(Map.of("A", "1"));

    fixture.objects().pass(Duration.ofDays(6));
    fixture.open(used);
    fixture.objects().pass(Duration.ofDays(2));
    secrets.deleteUnneeded(app -> true);

    assertThat(fixture.open(named, ofApp, used)).isEqualTo(Map.of("A", "1"));
    assertThatThrownBy(() -> fixture.open(unused)).hasMessageContaining(unused.value());
    secrets.deleteUnneeded(app -> !app.equals(APP));
    assertThatThrownBy(() -> fixture.open(ofApp)).hasMessageContaining(ofApp.value());
    assertThat(fixture.open(named)).isEqualTo(Map.of("A", "1"));
  }

  @Test
  void secretsWithANameAreListedWithTheirLastUse() {
    SecretId first = fixture.make("first", Map.of("A", "1"));
    fixture.objects().pass(Duration.ofMinutes(1));
    fixture.make("second", Map.of("B", "2"));
    fixture.makeAnonymous(Map.of("C", "3"));
    fixture.objects().pass(Duration.ofMinutes(1));
    Instant used = fixture.objects().clock().instant();
    fixture.open(first);

    List<Secret> listed = fixture.secrets().list(ObjectFixture.OURS.environment(), used, 10);

    assertThat(listed)
        .extracting(secret -> secret.object().name().orElse(""))
        .containsExactly("second", "first");
    assertThat(listed.get(0).usedAt()).isEmpty();
    assertThat(listed.get(1).usedAt()).contains(used);
    assertThat(listed.get(1).names()).containsExactly("A");
  }

  @Test
  void anEnvironmentThatGoesTakesItsSecretsAndItsKeyAlong() {
    SecretId id = fixture.make("token", Map.of("TOKEN", "hush"));
    SecretId elsewhere =
        fixture.secrets().make(ObjectFixture.DEV, "token", Creation.NEW, Map.of("TOKEN", "2")).id();

    fixture.secrets().deleteAll(ObjectFixture.OURS.environment());

    assertThatThrownBy(() -> fixture.open(id)).hasMessageContaining(id.value());
    assertThat(fixture.open(elsewhere)).containsEntry("TOKEN", "2");
    assertThat(
            new KeyStore(FIXTURE.database().jdbi()).findDataKey(ObjectFixture.OURS.environment()))
        .isEmpty();
  }

  @Test
  void aDumpOfTheDatabaseShowsNoValue() {
    String value = "correct horse battery staple";
    SecretId id = fixture.make("token", Map.of("TOKEN", value));
    fixture.makeAnonymous(Map.of("TOKEN", value));
    fixture.secrets().update(OURS, id, Map.of("MORE", Optional.of(value)));

    String dump = dump();

    assertThat(dump)
        .contains("TOKEN", "MORE", id.value())
        .doesNotContain(value)
        .doesNotContain(HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8)));
  }

  /// Every row of every table, as text.
  private static String dump() {
    return FIXTURE
        .database()
        .jdbi()
        .withHandle(handle -> {
          StringBuilder all = new StringBuilder();
          for (String table :
              handle
                  .createQuery(
                      "select quote_ident(tablename) from pg_tables where schemaname = 'public'")
                  .mapTo(String.class)
                  .list()) {
            handle
                .createQuery("select t::text from " + table + " t")
                .mapTo(String.class)
                .forEach(row -> all.append(table).append(row).append('\n'));
          }
          return all.toString();
        });
  }

  @Test
  void aValueThatWasMovedToAnotherPlaceIsNotRead() {
    SecretId poor = fixture.make("poor", Map.of("TOKEN", "1", "USER", "ann"));
    SecretId rich = fixture.make("rich", Map.of("TOKEN", "2"));
    FIXTURE
        .database()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                """
                update secret_variable set sealed =
                  (select sealed from secret_variable where secret_id = ? and name = 'TOKEN')
                where secret_id = ? and name = 'TOKEN'
                """,
                rich.value(),
                poor.value()));

    assertThatThrownBy(() -> fixture.open(poor))
        .hasMessageContaining("TOKEN")
        .hasMessageContaining(poor.value())
        .extracting(e -> ((SlipwayException) e).kind())
        .isEqualTo(ErrorKind.DATA_LOSS);
    assertThat(fixture.open(rich)).containsEntry("TOKEN", "2");
  }

  @Test
  void theKeyOfOneEnvironmentOpensNothingOfAnother() {
    DataKeys keys =
        new DataKeys(
            new MasterKey(directory.resolve("key"), new KeyStore(FIXTURE.database().jdbi())),
            new KeyStore(FIXTURE.database().jdbi()));
    SecretId id = new SecretId("st-1");
    EnvironmentId here = new EnvironmentId("en-here");
    byte[] sealed = keys.seal(here, id, "TOKEN", "hush");

    assertThat(keys.open(here, id, "TOKEN", sealed)).isEqualTo("hush");
    assertThatThrownBy(() -> keys.open(new EnvironmentId("en-there"), id, "TOKEN", sealed))
        .isInstanceOf(SlipwayException.class);
    assertThatThrownBy(() -> keys.open(here, new SecretId("st-2"), "TOKEN", sealed))
        .isInstanceOf(SlipwayException.class);
    assertThatThrownBy(() -> keys.open(here, id, "USER", sealed))
        .isInstanceOf(SlipwayException.class);
  }
}
