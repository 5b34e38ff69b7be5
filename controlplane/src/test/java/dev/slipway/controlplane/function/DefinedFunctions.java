package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.model.FunctionId;
import dev.slipway.protocol.modal.Function;
import java.util.Optional;
import java.util.function.Consumer;

/// Defines functions as a client does.
public final class DefinedFunctions {
  private DefinedFunctions() {}

  /// A function of the app with whatever the test wants of it.
  public static FunctionId define(
      Functions functions, App app, String name, Consumer<Function.Builder> wishes) {
    return define(functions, app, Optional.empty(), name, wishes);
  }

  /// Another definition of a function, valid at once because its app has published nothing.
  public static void redefine(
      Functions functions, App app, FunctionId id, Consumer<Function.Builder> wishes) {
    define(functions, app, Optional.of(id), "work", wishes);
  }

  private static FunctionId define(
      Functions functions,
      App app,
      Optional<FunctionId> existing,
      String name,
      Consumer<Function.Builder> wishes) {
    Function.Builder definition =
        Function.newBuilder().setFunctionName(name).setImageId("im-1").setTimeoutSecs(300);
    wishes.accept(definition);
    Function defined = definition.build();
    return functions
        .define(
            app.workspace(),
            app.id(),
            existing,
            name,
            defined.toByteArray(),
            FunctionTranslation.definitionId(defined))
        .row()
        .id();
  }
}
