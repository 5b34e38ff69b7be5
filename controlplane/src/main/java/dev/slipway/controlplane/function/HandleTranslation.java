package dev.slipway.controlplane.function;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.FunctionData;
import dev.slipway.protocol.modal.FunctionHandleMetadata;
import dev.slipway.protocol.modal.FunctionPrecreateRequest;
import dev.slipway.protocol.modal.MethodDefinition;
import java.util.Map;
import java.util.Optional;

/// Writes what clients and containers hold of a function.
final class HandleTranslation {
  private HandleTranslation() {}

  /// What a client holds of a function; made of the definition, or of the announcement before it
  /// arrives.
  static FunctionHandleMetadata handle(FunctionRow row, Optional<Definition> definition) {
    FunctionHandleMetadata.Builder handle =
        definition
            .map(d -> handleOf(FunctionTranslation.parse(d)))
            .orElseGet(() -> handleOf(parseAnnouncement(row)));
    handle.setAppId(row.app().value());
    definition.map(Definition::id).ifPresent(handle::setDefinitionId);
    row.base().ifPresent(base -> handle.setBaseFunctionId(base.value()));
    handle
        .getMethodHandleMetadataMap()
        .forEach((method, metadata) ->
            handle.putMethodHandleMetadata(
                method, metadata.toBuilder().setAppId(row.app().value()).build()));
    return handle.build();
  }

  private static FunctionPrecreateRequest parseAnnouncement(FunctionRow row) {
    try {
      return FunctionPrecreateRequest.parseFrom(row.announcement());
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS, "the stored announcement of '" + row.id() + "' cannot be read", e);
    }
  }

  private static FunctionHandleMetadata.Builder handleOf(Function function) {
    FunctionHandleMetadata.Builder handle =
        FunctionHandleMetadata.newBuilder()
            .setFunctionName(function.getFunctionName())
            .setFunctionType(function.getFunctionType())
            .setIsMethod(function.getIsMethod())
            .setClassParameterInfo(function.getClassParameterInfo())
            .setFunctionSchema(function.getFunctionSchema())
            .addAllSupportedInputFormats(function.getSupportedInputFormatsList())
            .addAllSupportedOutputFormats(function.getSupportedOutputFormatsList());
    return withMethods(handle, function.getMethodDefinitionsMap());
  }

  private static FunctionHandleMetadata.Builder handleOf(FunctionPrecreateRequest announcement) {
    FunctionHandleMetadata.Builder handle =
        FunctionHandleMetadata.newBuilder()
            .setFunctionName(announcement.getFunctionName())
            .setFunctionType(announcement.getFunctionType())
            .setFunctionSchema(announcement.getFunctionSchema())
            .addAllSupportedInputFormats(announcement.getSupportedInputFormatsList())
            .addAllSupportedOutputFormats(announcement.getSupportedOutputFormatsList());
    return withMethods(handle, announcement.getMethodDefinitionsMap());
  }

  private static FunctionHandleMetadata.Builder withMethods(
      FunctionHandleMetadata.Builder handle, Map<String, MethodDefinition> methods) {
    methods.forEach((name, method) ->
        handle.putMethodHandleMetadata(
            name,
            FunctionHandleMetadata.newBuilder()
                .setFunctionName(method.getFunctionName())
                .setFunctionType(method.getFunctionType())
                .setIsMethod(true)
                // The container looks its methods up by this name.
                .setUseMethodName(name)
                .setFunctionSchema(method.getFunctionSchema())
                .addAllSupportedInputFormats(method.getSupportedInputFormatsList())
                .addAllSupportedOutputFormats(method.getSupportedOutputFormatsList())
                .build()));
    return handle;
  }

  /// The same function in the form that newer clients read: the fields that both messages have, and
  /// the function itself as its only choice.
  static FunctionData data(Function function) {
    FunctionData.Builder data = FunctionData.newBuilder();
    for (FieldDescriptor target : FunctionData.getDescriptor().getFields()) {
      FieldDescriptor source = Function.getDescriptor().findFieldByName(target.getName());
      if (source == null || source.getType() != target.getType()) {
        continue;
      }
      boolean present =
          source.isRepeated()
              ? function.getRepeatedFieldCount(source) > 0
              : function.getAllFields().containsKey(source);
      if (present && !target.isMapField()) {
        data.setField(target, function.getField(source));
      }
    }
    data.putAllMethodDefinitions(function.getMethodDefinitionsMap())
        .putAllExperimentalOptions(function.getExperimentalOptionsMap());
    return data.addRankedFunctions(
            FunctionData.RankedFunction.newBuilder().setRank(0).setFunction(function))
        .build();
  }
}
