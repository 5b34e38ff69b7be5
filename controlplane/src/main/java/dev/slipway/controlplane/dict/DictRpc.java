package dev.slipway.controlplane.dict;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.slipway.controlplane.object.ObjectKind;
import dev.slipway.controlplane.object.ObjectTranslation;
import dev.slipway.controlplane.object.Owner;
import dev.slipway.controlplane.object.SharedObject;
import dev.slipway.controlplane.object.SharedObjects;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.Replies;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.DictId;
import dev.slipway.protocol.modal.DictClearRequest;
import dev.slipway.protocol.modal.DictContainsRequest;
import dev.slipway.protocol.modal.DictContainsResponse;
import dev.slipway.protocol.modal.DictContentsRequest;
import dev.slipway.protocol.modal.DictDeleteRequest;
import dev.slipway.protocol.modal.DictEntry;
import dev.slipway.protocol.modal.DictGetByIdRequest;
import dev.slipway.protocol.modal.DictGetByIdResponse;
import dev.slipway.protocol.modal.DictGetOrCreateRequest;
import dev.slipway.protocol.modal.DictGetOrCreateResponse;
import dev.slipway.protocol.modal.DictGetRequest;
import dev.slipway.protocol.modal.DictGetResponse;
import dev.slipway.protocol.modal.DictHeartbeatRequest;
import dev.slipway.protocol.modal.DictLenRequest;
import dev.slipway.protocol.modal.DictLenResponse;
import dev.slipway.protocol.modal.DictListRequest;
import dev.slipway.protocol.modal.DictListResponse;
import dev.slipway.protocol.modal.DictMetadata;
import dev.slipway.protocol.modal.DictPopRequest;
import dev.slipway.protocol.modal.DictPopResponse;
import dev.slipway.protocol.modal.DictUpdateRequest;
import dev.slipway.protocol.modal.DictUpdateResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import java.util.List;

/// The edge of dicts.
public final class DictRpc implements RpcModule {
  private final Dicts dicts;
  private final SharedObjects objects;
  private final ObjectTranslation translation;

  public DictRpc(Dicts dicts, SharedObjects objects, ObjectTranslation translation) {
    this.dicts = dicts;
    this.objects = objects;
    this.translation = translation;
  }

  @Override
  public void contribute(Methods methods) {
    methods
        .once(ModalClientGrpc.getDictGetOrCreateMethod(), this::getOrCreate)
        .unary(ModalClientGrpc.getDictGetByIdMethod(), this::getById)
        .unary(ModalClientGrpc.getDictGetMethod(), this::get)
        .unary(ModalClientGrpc.getDictContainsMethod(), this::contains)
        .stream(ModalClientGrpc.getDictContentsMethod(), this::contents)
        .unary(ModalClientGrpc.getDictLenMethod(), this::length)
        .once(ModalClientGrpc.getDictUpdateMethod(), this::update)
        .once(ModalClientGrpc.getDictPopMethod(), this::pop)
        .once(ModalClientGrpc.getDictClearMethod(), this::clear)
        .once(ModalClientGrpc.getDictDeleteMethod(), this::delete)
        .unary(ModalClientGrpc.getDictListMethod(), this::list)
        .unary(ModalClientGrpc.getDictHeartbeatMethod(), this::heartbeat);
  }

  private DictGetOrCreateResponse getOrCreate(RpcContext context, DictGetOrCreateRequest request) {
    SharedObjects.Obtained obtained =
        objects.obtain(
            translation.owner(context, request.getEnvironmentName()),
            ObjectKind.DICT,
            request.getDeploymentName(),
            ObjectTranslation.creation(ObjectKind.DICT, request.getObjectCreationType()));
    SharedObject dict = obtained.object();
    if (obtained.made() && request.getDataCount() > 0) {
      dicts.update(
          context.workspace(), new DictId(dict.id()), entries(request.getDataList()), false);
    }
    return DictGetOrCreateResponse.newBuilder()
        .setDictId(dict.id())
        .setMetadata(metadata(dict))
        .build();
  }

  private DictGetByIdResponse getById(RpcContext context, DictGetByIdRequest request) {
    DictId id = new DictId(request.getDictId());
    SharedObject dict = objects.require(context.workspace(), ObjectKind.DICT, id.value());
    return DictGetByIdResponse.newBuilder()
        .setDictId(dict.id())
        .setMetadata(metadata(dict))
        .build();
  }

  private DictGetResponse get(RpcContext context, DictGetRequest request) {
    DictGetResponse.Builder response = DictGetResponse.newBuilder();
    dicts
        .find(context.workspace(), new DictId(request.getDictId()), request.getKey().toByteArray())
        .ifPresent(value -> response.setFound(true).setValue(ByteString.copyFrom(value)));
    return response.build();
  }

  private DictContainsResponse contains(RpcContext context, DictContainsRequest request) {
    return DictContainsResponse.newBuilder()
        .setFound(
            dicts.contains(
                context.workspace(),
                new DictId(request.getDictId()),
                request.getKey().toByteArray()))
        .build();
  }

  private void contents(RpcContext context, DictContentsRequest request, Replies<DictEntry> replies)
      throws InterruptedException {
    dicts.visit(
        context.workspace(),
        new DictId(request.getDictId()),
        request.getValues(),
        entry -> {
          DictEntry.Builder reply = DictEntry.newBuilder();
          if (request.getKeys()) {
            reply.setKey(ByteString.copyFrom(entry.key()));
          }
          if (request.getValues()) {
            reply.setValue(ByteString.copyFrom(entry.value()));
          }
          replies.send(reply.build());
        });
  }

  private DictLenResponse length(RpcContext context, DictLenRequest request) {
    return DictLenResponse.newBuilder()
        .setLen(dicts.length(context.workspace(), new DictId(request.getDictId())))
        .build();
  }

  private DictUpdateResponse update(RpcContext context, DictUpdateRequest request) {
    return DictUpdateResponse.newBuilder()
        .setCreated(
            dicts.update(
                context.workspace(),
                new DictId(request.getDictId()),
                entries(request.getUpdatesList()),
                request.getIfNotExists()))
        .build();
  }

  private DictPopResponse pop(RpcContext context, DictPopRequest request) {
    DictPopResponse.Builder response = DictPopResponse.newBuilder();
    dicts
        .pop(context.workspace(), new DictId(request.getDictId()), request.getKey().toByteArray())
        .ifPresent(value -> response.setFound(true).setValue(ByteString.copyFrom(value)));
    return response.build();
  }

  private Empty clear(RpcContext context, DictClearRequest request) {
    dicts.clear(context.workspace(), new DictId(request.getDictId()));
    return Empty.getDefaultInstance();
  }

  private Empty delete(RpcContext context, DictDeleteRequest request) {
    dicts.delete(context.workspace(), new DictId(request.getDictId()));
    return Empty.getDefaultInstance();
  }

  private DictListResponse list(RpcContext context, DictListRequest request) {
    Owner owner = translation.owner(context, request.getEnvironmentName());
    DictListResponse.Builder response =
        DictListResponse.newBuilder().setEnvironmentName(owner.environmentName());
    objects
        .list(
            owner.environment(),
            ObjectKind.DICT,
            ObjectTranslation.before(request.getPagination()),
            ObjectTranslation.atMost(request.getPagination()))
        .forEach(dict ->
            response.addDicts(
                DictListResponse.DictInfo.newBuilder()
                    .setDictId(dict.id())
                    .setName(dict.name().orElse(""))
                    .setCreatedAt(ObjectTranslation.seconds(dict.createdAt()))
                    .setMetadata(metadata(dict))));
    return response.build();
  }

  private Empty heartbeat(RpcContext context, DictHeartbeatRequest request) {
    DictId id = new DictId(request.getDictId());
    objects.heartbeat(context.workspace(), ObjectKind.DICT, id.value());
    return Empty.getDefaultInstance();
  }

  private static DictMetadata metadata(SharedObject dict) {
    return DictMetadata.newBuilder()
        .setName(dict.name().orElse(""))
        .setCreationInfo(ObjectTranslation.creationInfo(dict))
        .build();
  }

  private static List<Entry> entries(List<DictEntry> entries) {
    return entries.stream()
        .map(entry -> new Entry(entry.getKey().toByteArray(), entry.getValue().toByteArray()))
        .toList();
  }
}
