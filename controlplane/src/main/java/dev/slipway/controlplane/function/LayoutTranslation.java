package dev.slipway.controlplane.function;

import com.google.protobuf.ByteString;
import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.Deployments;
import dev.slipway.controlplane.app.Publication;
import dev.slipway.model.FunctionId;
import dev.slipway.protocol.modal.AppLayout;
import dev.slipway.protocol.modal.ClassHandleMetadata;
import dev.slipway.protocol.modal.ContainerArguments;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.MountHandleMetadata;
import dev.slipway.protocol.modal.ObjectDependency;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Writes the layout of an app: what its functions and classes are called, and a handle of every
/// object that one of its functions depends on.
public final class LayoutTranslation {
  private final Functions functions;
  private final FunctionTranslation translation;
  private final Deployments deployments;

  public LayoutTranslation(
      Functions functions, FunctionTranslation translation, Deployments deployments) {
    this.functions = functions;
    this.translation = translation;
    this.deployments = deployments;
  }

  /// The layout that the app has published.
  AppLayout layout(App app) {
    return layout(app.published());
  }

  /// What a container of a function is told about it: the definition with its variant's options,
  /// the parameters, and the layout of its app, in which the function stands even when it is not
  /// published.
  public ContainerArguments.Builder arguments(App app, FunctionId id, String definitionId) {
    FunctionRow row = functions.requireRow(id);
    Function merged =
        translation.merged(row, functions.requireDefinition(row.root(), definitionId));
    Publication version =
        row.pin()
            .map(pin -> deployments.requireVersion(app, pin.version()).published())
            .orElse(app.published());
    return ContainerArguments.newBuilder()
        .setFunctionId(id.value())
        .setAppId(app.id().value())
        .setEnvironmentName(app.environmentName())
        .setFunctionDef(merged)
        .setSerializedParams(ByteString.copyFrom(row.serializedParameters()))
        .setAppLayout(
            layout(with(version, merged.getFunctionName(), row.root().value(), definitionId)));
  }

  private static Publication with(
      Publication version, String name, String functionId, String definitionId) {
    Map<String, String> functionIds = new LinkedHashMap<>(version.functionIds());
    functionIds.put(name, functionId);
    Map<String, String> definitionIds = new LinkedHashMap<>(version.definitionIds());
    definitionIds.put(functionId, definitionId);
    return new Publication(functionIds, version.classIds(), definitionIds);
  }

  private AppLayout layout(Publication published) {
    Map<String, dev.slipway.protocol.modal.Object> objects = new LinkedHashMap<>();
    for (String id : published.functionIds().values()) {
      FunctionRow row = functions.requireRow(new FunctionId(id));
      Optional<Definition> definition = functions.findDefinition(row, published);
      objects.put(
          id,
          dev.slipway.protocol.modal.Object.newBuilder()
              .setObjectId(id)
              .setFunctionHandleMetadata(HandleTranslation.handle(row, definition))
              .build());
      definition.ifPresent(d -> addDependencies(translation.merged(row, d), objects));
    }
    for (String id : published.classIds().values()) {
      objects.put(
          id,
          dev.slipway.protocol.modal.Object.newBuilder()
              .setObjectId(id)
              .setClassHandleMetadata(ClassHandleMetadata.getDefaultInstance())
              .build());
    }
    return AppLayout.newBuilder()
        .addAllObjects(objects.values())
        .putAllFunctionIds(published.functionIds())
        .putAllClassIds(published.classIds())
        .build();
  }

  private static void addDependencies(
      Function function, Map<String, dev.slipway.protocol.modal.Object> objects) {
    for (ObjectDependency dependency : function.getObjectDependenciesList()) {
      String id = dependency.getObjectId();
      dev.slipway.protocol.modal.Object.Builder object =
          dev.slipway.protocol.modal.Object.newBuilder().setObjectId(id);
      if (id.startsWith("mo-")) {
        object.setMountHandleMetadata(MountHandleMetadata.getDefaultInstance());
      }
      objects.putIfAbsent(id, object.build());
    }
  }
}
