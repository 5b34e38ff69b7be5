package dev.slipway.controlplane.function;

import dev.slipway.controlplane.app.App;
import dev.slipway.controlplane.app.AppTranslation;
import dev.slipway.controlplane.app.Apps;
import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.AppId;
import dev.slipway.model.FunctionId;
import dev.slipway.protocol.modal.AppGetInfoRequest;
import dev.slipway.protocol.modal.AppGetInfoResponse;
import dev.slipway.protocol.modal.AppGetInfoResponse.FunctionInfoSummary;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.ModalClientGrpc;

/// Tells what an app consists of, in few words for each function.
public final class AppInfoRpc implements RpcModule {
  private final Apps apps;
  private final Functions functions;
  private final FunctionTranslation translation;

  public AppInfoRpc(Apps apps, Functions functions, FunctionTranslation translation) {
    this.apps = apps;
    this.functions = functions;
    this.translation = translation;
  }

  @Override
  public void contribute(Methods methods) {
    methods.unary(ModalClientGrpc.getAppGetInfoMethod(), this::info);
  }

  private AppGetInfoResponse info(RpcContext context, AppGetInfoRequest request) {
    App app = apps.require(context.workspace(), new AppId(request.getAppId()));
    AppGetInfoResponse.Builder response =
        AppGetInfoResponse.newBuilder().setInfo(AppTranslation.handle(app));
    for (String id : app.functionIds().values()) {
      FunctionRow row = functions.requireRow(new FunctionId(id));
      functions
          .findDefinition(row, app.published())
          .map(definition -> summary(translation.merged(row, definition)))
          .ifPresent(summary -> response.putFunctionInfoSummaries(id, summary));
    }
    return response.build();
  }

  private static FunctionInfoSummary summary(Function function) {
    FunctionInfoSummary.Builder summary = FunctionInfoSummary.newBuilder();
    if (!function.getResources().getGpuConfig().getGpuType().isEmpty()) {
      summary.addGpuConfig(function.getResources().getGpuConfig());
    }
    if (function.hasSchedule()) {
      summary.setSchedule(function.getSchedule());
    }
    if (function.getWebhookConfig().getTypeValue() != 0) {
      summary
          .setWebFunction(true)
          .setRequiresProxyAuth(function.getWebhookConfig().getRequiresProxyAuth());
    }
    return summary.build();
  }
}
