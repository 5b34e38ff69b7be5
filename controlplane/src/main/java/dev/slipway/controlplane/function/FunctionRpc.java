package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.app.Deployment;
import dev.slipway.controlplane.app.Deployments;
import dev.slipway.controlplane.app.Publication;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.controlplane.workspace.Environment;
import dev.slipway.controlplane.workspace.Environments;
import dev.slipway.model.AppId;
import dev.slipway.model.ClassId;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.FunctionId;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.AppGetLayoutRequest;
import dev.slipway.protocol.modal.AppGetLayoutResponse;
import dev.slipway.protocol.modal.ClassCreateRequest;
import dev.slipway.protocol.modal.ClassCreateResponse;
import dev.slipway.protocol.modal.ClassGetRequest;
import dev.slipway.protocol.modal.ClassGetResponse;
import dev.slipway.protocol.modal.ClassHandleMetadata;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.FunctionBindParamsRequest;
import dev.slipway.protocol.modal.FunctionBindParamsResponse;
import dev.slipway.protocol.modal.FunctionCreateRequest;
import dev.slipway.protocol.modal.FunctionCreateResponse;
import dev.slipway.protocol.modal.FunctionGetByIdRequest;
import dev.slipway.protocol.modal.FunctionGetByIdResponse;
import dev.slipway.protocol.modal.FunctionGetRequest;
import dev.slipway.protocol.modal.FunctionGetResponse;
import dev.slipway.protocol.modal.FunctionPrecreateRequest;
import dev.slipway.protocol.modal.FunctionPrecreateResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The edge of functions and classes.
public final class FunctionRpc implements RpcModule {
  private final Functions functions;
  private final FunctionTranslation translation;
  private final LayoutTranslation layouts;
  private final Apps apps;
  private final Deployments deployments;
  private final Environments environments;
  private final Ingredients ingredients;

  public FunctionRpc(
      Functions functions,
      FunctionTranslation translation,
      LayoutTranslation layouts,
      Apps apps,
      Deployments deployments,
      Environments environments,
      Ingredients ingredients) {
    this.functions = functions;
    this.translation = translation;
    this.layouts = layouts;
    this.apps = apps;
    this.deployments = deployments;
    this.environments = environments;
    this.ingredients = ingredients;
  }

  @Override
  public void contribute(Methods methods) {
    methods.once(ModalClientGrpc.getFunctionPrecreateMethod(), this::precreate);
    methods.once(ModalClientGrpc.getFunctionCreateMethod(), this::create);
    methods.unary(ModalClientGrpc.getFunctionGetMethod(), this::get);
    methods.unary(ModalClientGrpc.getFunctionGetByIdMethod(), this::getById);
    methods.unary(ModalClientGrpc.getFunctionBindParamsMethod(), this::bindParams);
    methods.once(ModalClientGrpc.getClassCreateMethod(), this::createClass);
    methods.unary(ModalClientGrpc.getClassGetMethod(), this::getClass);
    methods.unary(ModalClientGrpc.getAppGetLayoutMethod(), this::layout);
  }

  private FunctionPrecreateResponse precreate(
      RpcContext context, FunctionPrecreateRequest request) {
    FunctionRow row =
        functions.announce(
            context.workspace(),
            new AppId(request.getAppId()),
            functionId(request.getExistingFunctionId()),
            requireName(request.getFunctionName()),
            request.toByteArray());
    return FunctionPrecreateResponse.newBuilder()
        .setFunctionId(row.id().value())
        // What was announced just now, not an older definition of the same function.
        .setHandleMetadata(HandleTranslation.handle(row, Optional.empty()))
        .build();
  }

  private FunctionCreateResponse create(RpcContext context, FunctionCreateRequest request) {
    Function function = definition(request);
    if (!function.getImageId().isEmpty()) {
      ingredients.require(
          context.workspace(),
          new ImageId(function.getImageId()),
          function.getMountIdsList().stream().map(MountId::new).toList());
    }
    requireSecrets(context, function.getSecretIdsList());
    Functions.Defined defined =
        functions.define(
            context.workspace(),
            new AppId(request.getAppId()),
            functionId(request.getExistingFunctionId()),
            requireName(function.getFunctionName()),
            function.toByteArray(),
            FunctionTranslation.definitionId(function));
    return FunctionCreateResponse.newBuilder()
        .setFunctionId(defined.row().id().value())
        .setFunction(function)
        .setFunctionData(HandleTranslation.data(function))
        .setHandleMetadata(
            HandleTranslation.handle(defined.row(), Optional.of(defined.definition())))
        .build();
  }

  private void requireSecrets(RpcContext context, List<String> ids) {
    ingredients.requireSecrets(context.workspace(), ids.stream().map(SecretId::new).toList());
  }

  private static Function definition(FunctionCreateRequest request) {
    if (request.hasFunction()) {
      return request.getFunction();
    }
    if (request.getFunctionData().getRankedFunctionsCount() > 0) {
      return request.getFunctionData().getRankedFunctions(0).getFunction();
    }
    throw new SlipwayException(
        ErrorKind.INVALID, "a function is created from a definition, and the request has none");
  }

  private FunctionGetResponse get(RpcContext context, FunctionGetRequest request) {
    App app = deployed(context, request.getAppName(), request.getEnvironmentName());
    FunctionRow row =
        request.getAppVersion() == 0
            ? functions.requireRow(new FunctionId(named(app, app.published(), request)))
            : pinned(app, request);
    Definition definition = functions.requireDefinition(row);
    return FunctionGetResponse.newBuilder()
        .setFunctionId(row.id().value())
        .setHandleMetadata(HandleTranslation.handle(row, Optional.of(definition)))
        .setFunction(HandleTranslation.data(translation.merged(row, definition)))
        .build();
  }

  private FunctionRow pinned(App app, FunctionGetRequest request) {
    Deployment version = deployments.requireVersion(app, request.getAppVersion());
    String id = named(app, version.published(), request);
    return functions.pin(
        functions.requireRow(new FunctionId(id)),
        version.version(),
        Objects.requireNonNull(version.published().definitionIds().get(id)));
  }

  private static String named(App app, Publication published, FunctionGetRequest request) {
    String name = request.getObjectTag();
    String id = published.functionIds().get(name);
    if (id == null) {
      boolean isClass = published.classIds().containsKey(name);
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "The app '%s' in environment '%s' has no function '%s'%s"
              .formatted(
                  request.getAppName(),
                  app.environmentName(),
                  name,
                  isClass ? "; it is a class: look it up with modal.Cls.from_name" : ""));
    }
    return id;
  }

  private FunctionGetByIdResponse getById(RpcContext context, FunctionGetByIdRequest request) {
    FunctionRow row =
        functions.requireRow(context.workspace(), new FunctionId(request.getFunctionId()));
    Definition definition = functions.requireDefinition(row);
    return FunctionGetByIdResponse.newBuilder()
        .setHandleMetadata(HandleTranslation.handle(row, Optional.of(definition)))
        .setFunction(HandleTranslation.data(translation.merged(row, definition)))
        .build();
  }

  private FunctionBindParamsResponse bindParams(
      RpcContext context, FunctionBindParamsRequest request) {
    requireSecrets(context, request.getFunctionOptions().getSecretIdsList());
    FunctionRow row =
        functions.bind(
            context.workspace(),
            new FunctionId(request.getFunctionId()),
            request.getSerializedParams().toByteArray(),
            request.getFunctionOptions().toByteArray());
    return FunctionBindParamsResponse.newBuilder()
        .setBoundFunctionId(row.id().value())
        .setHandleMetadata(HandleTranslation.handle(row, functions.findDefinition(row)))
        .build();
  }

  private ClassCreateResponse createClass(RpcContext context, ClassCreateRequest request) {
    Optional<ClassId> existing =
        request.getExistingClassId().isEmpty()
            ? Optional.empty()
            : Optional.of(new ClassId(request.getExistingClassId()));
    ClassId id =
        functions.createClass(context.workspace(), new AppId(request.getAppId()), existing);
    return ClassCreateResponse.newBuilder()
        .setClassId(id.value())
        .setHandleMetadata(ClassHandleMetadata.getDefaultInstance())
        .build();
  }

  private ClassGetResponse getClass(RpcContext context, ClassGetRequest request) {
    App app = deployed(context, request.getAppName(), request.getEnvironmentName());
    String id = app.classIds().get(request.getObjectTag());
    if (id == null) {
      throw new SlipwayException(
          ErrorKind.NOT_FOUND,
          "The app '%s' in environment '%s' has no class '%s'"
              .formatted(request.getAppName(), app.environmentName(), request.getObjectTag()));
    }
    return ClassGetResponse.newBuilder()
        .setClassId(id)
        .setHandleMetadata(ClassHandleMetadata.getDefaultInstance())
        .build();
  }

  private AppGetLayoutResponse layout(RpcContext context, AppGetLayoutRequest request) {
    App app = apps.require(context.workspace(), new AppId(request.getAppId()));
    return AppGetLayoutResponse.newBuilder().setAppLayout(layouts.layout(app)).build();
  }

  private App deployed(RpcContext context, String appName, String environmentName) {
    Environment environment = environments.require(context, environmentName);
    return apps.findDeployed(environment.id(), appName)
        .orElseThrow(() ->
            new SlipwayException(
                ErrorKind.NOT_FOUND,
                "There is no app '%s' in environment '%s'".formatted(appName, environment.name())));
  }

  private static Optional<FunctionId> functionId(String wire) {
    return wire.isEmpty() ? Optional.empty() : Optional.of(new FunctionId(wire));
  }

  private static String requireName(String name) {
    if (name.isEmpty() || name.length() > 255) {
      throw new SlipwayException(
          ErrorKind.INVALID, "a function's name has 1 to 255 characters, not " + name.length());
    }
    return name;
  }
}
