package dev.slipway.controlplane.function;

import com.google.protobuf.ByteString;
import dev.slipway.controlplane.app.App;
import dev.slipway.model.FunctionId;
import dev.slipway.protocol.modal.AppLayout;
import dev.slipway.protocol.modal.ClassHandleMetadata;
import dev.slipway.protocol.modal.ContainerArguments;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.MountHandleMetadata;
import dev.slipway.protocol.modal.ObjectDependency;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes the layout of an app: what its functions and classes are called, and a handle of every
/// object that one of its functions depends on.
public final class LayoutTranslation {
  private final Functions functions;
  private final FunctionTranslation translation;

  public LayoutTranslation(Functions functions, FunctionTranslation translation) {
    this.functions = functions;
    this.translation = translation;
  }

  /// The layout that the app has published.
  AppLayout layout(App app) {
    return layout(app, Map.of());
  }

  /// What a container of a function is told about it: the definition with its variant's options,
  /// the parameters, and the layout of its app, in which the function stands even when it is not
  /// published.
  public ContainerArguments.Builder arguments(App app, FunctionId id) {
    FunctionRow row = functions.requireRow(id);
    FunctionRow definition = functions.definitionRow(row);
    Function merged = translation.merged(row, definition);
    return ContainerArguments.newBuilder()
        .setFunctionId(id.value())
        .setAppId(app.id().value())
        .setEnvironmentName(app.environmentName())
        .setFunctionDef(merged)
        .setSerializedParams(ByteString.copyFrom(row.serializedParameters()))
        .setAppLayout(layout(app, Map.of(merged.getFunctionName(), definition.id().value())));
  }

  private AppLayout layout(App app, Map<String, String> more) {
    Map<String, String> functionIds = new LinkedHashMap<>(app.functionIds());
    more.forEach(functionIds::putIfAbsent);
    Map<String, dev.slipway.protocol.modal.Object> objects = new LinkedHashMap<>();
    for (String id : functionIds.values()) {
      FunctionRow row = functions.requireRow(new FunctionId(id));
      objects.put(
          id,
          dev.slipway.protocol.modal.Object.newBuilder()
              .setObjectId(id)
              .setFunctionHandleMetadata(translation.handle(row, functions.definitionRow(row)))
              .build());
      if (row.definition().isPresent()) {
        addDependencies(translation.merged(row, row), objects);
      }
    }
    for (String id : app.classIds().values()) {
      objects.put(
          id,
          dev.slipway.protocol.modal.Object.newBuilder()
              .setObjectId(id)
              .setClassHandleMetadata(ClassHandleMetadata.getDefaultInstance())
              .build());
    }
    return AppLayout.newBuilder()
        .addAllObjects(objects.values())
        .putAllFunctionIds(functionIds)
        .putAllClassIds(app.classIds())
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
