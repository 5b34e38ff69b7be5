package dev.slipway.controlplane.dict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.slipway.controlplane.object.ObjectDoor;
import dev.slipway.controlplane.object.ObjectFixture;
import dev.slipway.controlplane.storage.DatabaseFixture;
import dev.slipway.controlplane.storage.SharedTransactions;
import dev.slipway.protocol.modal.DictClearRequest;
import dev.slipway.protocol.modal.DictContainsRequest;
import dev.slipway.protocol.modal.DictContentsRequest;
import dev.slipway.protocol.modal.DictDeleteRequest;
import dev.slipway.protocol.modal.DictEntry;
import dev.slipway.protocol.modal.DictGetByIdRequest;
import dev.slipway.protocol.modal.DictGetOrCreateRequest;
import dev.slipway.protocol.modal.DictGetOrCreateResponse;
import dev.slipway.protocol.modal.DictGetRequest;
import dev.slipway.protocol.modal.DictGetResponse;
import dev.slipway.protocol.modal.DictHeartbeatRequest;
import dev.slipway.protocol.modal.DictLenRequest;
import dev.slipway.protocol.modal.DictListRequest;
import dev.slipway.protocol.modal.DictListResponse;
import dev.slipway.protocol.modal.DictPopRequest;
import dev.slipway.protocol.modal.DictPopResponse;
import dev.slipway.protocol.modal.DictUpdateRequest;
import dev.slipway.protocol.modal.ModalClientGrpc.ModalClientBlockingStub;
import dev.slipway.protocol.modal.ObjectCreationType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Dicts as a client meets them, over gRPC.
@Tag("integration")
class DictRpcTest {
  @RegisterExtension static final DatabaseFixture FIXTURE = new DatabaseFixture();

  private final ObjectFixture fixture = new ObjectFixture(FIXTURE.database().jdbi());
  private final SharedTransactions transactions =
      new SharedTransactions(FIXTURE.database(), "dict-transactions");
  private final Dicts dicts =
      new Dicts(
          fixture.objects(),
          new DictStore(FIXTURE.database().jdbi()),
          transactions,
          fixture.clock());
  private final ObjectDoor door =
      new ObjectDoor(
          FIXTURE.database().jdbi(),
          fixture,
          translation -> new DictRpc(dicts, fixture.objects(), translation));
  private final ModalClientBlockingStub ann = door.client("ak-ann", "1");

  @AfterEach
  void close() {
    door.close();
    transactions.close();
  }

  @Test
  void isMadeFoundListedAndDeleted() {
    DictGetOrCreateResponse made = ann.dictGetOrCreate(named("prices"));
    assertThat(made.getMetadata().getName()).isEqualTo("prices");
    assertThat(made.getMetadata().getCreationInfo().getCreatedBy()).isEqualTo("ann");
    assertThat(door.client("ak-ann", "2").dictGetOrCreate(named("prices"))).isEqualTo(made);
    assertThat(
            ann.dictGetById(DictGetByIdRequest.newBuilder().setDictId(made.getDictId()).build())
                .getMetadata())
        .isEqualTo(made.getMetadata());
    DictListResponse list = ann.dictList(DictListRequest.getDefaultInstance());
    assertThat(list.getEnvironmentName()).isEqualTo("main");
    assertThat(list.getDicts(0).getDictId()).isEqualTo(made.getDictId());
    assertThat(list.getDicts(0).getName()).isEqualTo("prices");
    assertThat(list.getDicts(0).getCreatedAt())
        .isEqualTo(made.getMetadata().getCreationInfo().getCreatedAt());

    var ignored =
        ann.dictDelete(DictDeleteRequest.newBuilder().setDictId(made.getDictId()).build());
    assertThat(ann.dictList(DictListRequest.getDefaultInstance()).getDictsList()).isEmpty();
    assertThatThrownBy(() -> length(made.getDictId()))
        .hasMessageContaining("NOT_FOUND")
        .hasMessageContaining(made.getDictId());
  }

  @Test
  void oldClientsGiveTheFirstEntriesWhichLaterOnesLeaveAlone() {
    DictGetOrCreateRequest request =
        named("first").toBuilder().addData(entry("k", "first")).build();
    String id = ann.dictGetOrCreate(request).getDictId();
    assertThat(
            door.client("ak-ann", "2")
                .dictGetOrCreate(request.toBuilder().setData(0, entry("k", "second")).build())
                .getDictId())
        .isEqualTo(id);
    assertThat(get(id, "k").getValue().toStringUtf8()).isEqualTo("first");
  }

  @Test
  void setsGetsAndPops() {
    String id = ann.dictGetOrCreate(named("d")).getDictId();
    assertThat(update("1", id, false, entry("k", "v"), entry("empty", ""))).isTrue();
    assertThat(update("2", id, true, entry("k", "other"))).isFalse();
    assertThat(get(id, "k").getFound()).isTrue();
    assertThat(get(id, "k").getValue().toStringUtf8()).isEqualTo("v");
    assertThat(get(id, "none").getFound()).isFalse();
    assertThat(get(id, "none").hasValue()).isFalse();
    assertThat(get(id, "empty").hasValue()).as("an empty value is a value").isTrue();
    assertThat(contains(id, "k")).isTrue();
    assertThat(contains(id, "none")).isFalse();
    assertThat(length(id)).isEqualTo(2);
    assertThat(pop("3", id, "k").getValue().toStringUtf8()).isEqualTo("v");
    assertThat(pop("4", id, "k").getFound()).isFalse();
    var ignored = ann.dictClear(DictClearRequest.newBuilder().setDictId(id).build());
    assertThat(length(id)).isZero();
  }

  @Test
  void aPopThatIsTriedAgainGetsTheSameValue() {
    String id = ann.dictGetOrCreate(named("d")).getDictId();
    update("1", id, false, entry("k", "v"));
    DictPopResponse first = pop("key", id, "k");
    assertThat(pop("key", id, "k")).isEqualTo(first);
  }

  @Test
  void sendsOfAllEntriesWhatWasAskedFor() {
    String id = ann.dictGetOrCreate(named("d")).getDictId();
    update("1", id, false, entry("k", "v"), entry("l", "w"));
    assertThat(contents(id, true, true))
        .containsExactlyInAnyOrder(entry("k", "v"), entry("l", "w"));
    assertThat(contents(id, true, false)).containsExactlyInAnyOrder(entry("k", ""), entry("l", ""));
    assertThat(contents(id, false, true)).containsExactlyInAnyOrder(entry("", "v"), entry("", "w"));
  }

  @ParameterizedTest
  @CsvSource({
    "di-0000000000000000000000, NOT_FOUND, di-0000000000000000000000",
    "qu-0000000000000000000000, INVALID_ARGUMENT, di-…",
    "../../etc, INVALID_ARGUMENT, ../../etc",
    "'', INVALID_ARGUMENT, di-…"
  })
  void refusesIdsOfNoDict(String id, String code, String part) {
    List<Runnable> calls =
        List.of(
            () -> length(id),
            () -> get(id, "k"),
            () -> update("1", id, false, entry("k", "v")),
            () -> pop("1", id, "k"),
            () -> contents(id, true, true),
            () -> ann.dictHeartbeat(DictHeartbeatRequest.newBuilder().setDictId(id).build()));
    assertThat(calls)
        .allSatisfy(call ->
            assertThatThrownBy(call::run).hasMessageContaining(code).hasMessageContaining(part));
  }

  @Test
  void idsWorkInTheirOwnWorkspaceOnly() {
    String id = ann.dictGetOrCreate(named("d")).getDictId();
    assertThatThrownBy(() ->
            door.client("ak-theirs", "1")
                .dictGet(DictGetRequest.newBuilder().setDictId(id).build()))
        .hasMessageContaining("NOT_FOUND")
        .hasMessageContaining(id);
  }

  private boolean update(String key, String id, boolean ifMissing, DictEntry... entries) {
    return door.client("ak-ann", key)
        .dictUpdate(
            DictUpdateRequest.newBuilder()
                .setDictId(id)
                .addAllUpdates(List.of(entries))
                .setIfNotExists(ifMissing)
                .build())
        .getCreated();
  }

  private DictGetResponse get(String id, String key) {
    return ann.dictGet(DictGetRequest.newBuilder().setDictId(id).setKey(bytes(key)).build());
  }

  private boolean contains(String id, String key) {
    return ann.dictContains(
            DictContainsRequest.newBuilder().setDictId(id).setKey(bytes(key)).build())
        .getFound();
  }

  private int length(String id) {
    return ann.dictLen(DictLenRequest.newBuilder().setDictId(id).build()).getLen();
  }

  private DictPopResponse pop(String attempt, String id, String key) {
    return door.client("ak-ann", attempt)
        .dictPop(DictPopRequest.newBuilder().setDictId(id).setKey(bytes(key)).build());
  }

  private List<DictEntry> contents(String id, boolean keys, boolean values) {
    List<DictEntry> entries = new ArrayList<>();
    ann.dictContents(
            DictContentsRequest.newBuilder().setDictId(id).setKeys(keys).setValues(values).build())
        .forEachRemaining(entries::add);
    return entries;
  }

  private static DictGetOrCreateRequest named(String name) {
    return DictGetOrCreateRequest.newBuilder()
        .setDeploymentName(name)
        .setObjectCreationType(ObjectCreationType.OBJECT_CREATION_TYPE_CREATE_IF_MISSING)
        .build();
  }

  private static DictEntry entry(String key, String value) {
    return DictEntry.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }
}
