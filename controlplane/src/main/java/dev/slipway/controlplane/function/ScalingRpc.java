package dev.slipway.controlplane.function;

import dev.slipway.controlplane.rpc.Methods;
import dev.slipway.controlplane.rpc.RpcContext;
import dev.slipway.controlplane.rpc.RpcModule;
import dev.slipway.model.FunctionId;
import dev.slipway.protocol.modal.AutoscalerConfiguration;
import dev.slipway.protocol.modal.AutoscalerSettings;
import dev.slipway.protocol.modal.FunctionGetCurrentStatsRequest;
import dev.slipway.protocol.modal.FunctionGetDynamicConcurrencyRequest;
import dev.slipway.protocol.modal.FunctionGetDynamicConcurrencyResponse;
import dev.slipway.protocol.modal.FunctionGetSchedulingParamsRequest;
import dev.slipway.protocol.modal.FunctionGetSchedulingParamsResponse;
import dev.slipway.protocol.modal.FunctionStats;
import dev.slipway.protocol.modal.FunctionUpdateSchedulingParamsRequest;
import dev.slipway.protocol.modal.FunctionUpdateSchedulingParamsResponse;
import dev.slipway.protocol.modal.ModalClientGrpc;
import dev.slipway.scheduling.ScalingSettings;
import java.util.Optional;

/// The edge of scaling: what functions do now, and changes of their settings while they run.
public final class ScalingRpc implements RpcModule {
  private final Functions functions;
  private final LiveFunctions live;

  public ScalingRpc(Functions functions, LiveFunctions live) {
    this.functions = functions;
    this.live = live;
  }

  @Override
  public void contribute(Methods methods) {
    methods.unary(ModalClientGrpc.getFunctionGetCurrentStatsMethod(), this::currentStats);
    methods.unary(ModalClientGrpc.getFunctionUpdateSchedulingParamsMethod(), this::update);
    methods.unary(ModalClientGrpc.getFunctionGetSchedulingParamsMethod(), this::settings);
    methods.unary(
        ModalClientGrpc.getFunctionGetDynamicConcurrencyMethod(), this::dynamicConcurrency);
  }

  private FunctionStats currentStats(RpcContext context, FunctionGetCurrentStatsRequest request) {
    FunctionId id = functions.require(context.workspace(), id(request.getFunctionId())).id();
    LiveFunctions.Now now = live.now(id);
    return FunctionStats.newBuilder()
        .setBacklog(now.waitingInputs())
        .setNumRunningInputs(now.runningInputs())
        .setNumTotalTasks(now.containers())
        .setInputHeadroom(now.headroom())
        .build();
  }

  private FunctionUpdateSchedulingParamsResponse update(
      RpcContext context, FunctionUpdateSchedulingParamsRequest request) {
    FunctionId id = id(request.getFunctionId());
    FunctionSpec changed = functions.rescale(context.workspace(), id, override(request));
    live.settingsChanged(id);
    return FunctionUpdateSchedulingParamsResponse.newBuilder()
        .setCurrentSettings(wire(changed.scaling()))
        .build();
  }

  private static ScalingOverride override(FunctionUpdateSchedulingParamsRequest request) {
    if (!request.hasSettings()) {
      // The form of clients before 1.0, which know the least number only.
      return new ScalingOverride(
          Optional.of(request.getWarmPoolSizeOverride()),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
    AutoscalerSettings settings = request.getSettings();
    return new ScalingOverride(
        given(settings.hasMinContainers(), settings.getMinContainers()),
        given(settings.hasMaxContainers(), settings.getMaxContainers()),
        given(settings.hasBufferContainers(), settings.getBufferContainers()),
        given(settings.hasScaledownWindow(), settings.getScaledownWindow()));
  }

  private static Optional<Integer> given(boolean present, int value) {
    return present ? Optional.of(value) : Optional.empty();
  }

  private FunctionGetSchedulingParamsResponse settings(
      RpcContext context, FunctionGetSchedulingParamsRequest request) {
    FunctionSpec spec = functions.require(context.workspace(), id(request.getFunctionId()));
    return FunctionGetSchedulingParamsResponse.newBuilder()
        .setAutoscalerConfiguration(
            AutoscalerConfiguration.newBuilder().setSettings(wire(spec.scaling())))
        .build();
  }

  private static AutoscalerSettings wire(ScalingSettings settings) {
    return AutoscalerSettings.newBuilder()
        .setMinContainers(settings.minContainers())
        .setMaxContainers(settings.maxContainers())
        .setBufferContainers(settings.bufferContainers())
        .setScaledownWindow((int) settings.scaledownWindow().toSeconds())
        .build();
  }

  /// A container works on as many inputs as it is meant to, and on as many as it can when there is
  /// nobody else to take them.
  private FunctionGetDynamicConcurrencyResponse dynamicConcurrency(
      RpcContext context, FunctionGetDynamicConcurrencyRequest request) {
    context.requireTask();
    FunctionId id = functions.require(context.workspace(), id(request.getFunctionId())).id();
    return FunctionGetDynamicConcurrencyResponse.newBuilder()
        .setConcurrency(
            live.isFull(id) ? request.getMaxConcurrency() : request.getTargetConcurrency())
        .build();
  }

  private static FunctionId id(String wire) {
    return new FunctionId(wire);
  }
}
