package dev.slipway.controlplane.function;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.ClassParameterInfo;
import dev.slipway.protocol.modal.ClassParameterInfo.ParameterSerializationFormat;
import dev.slipway.protocol.modal.ClassParameterSet;
import dev.slipway.protocol.modal.ClassParameterSpec;
import dev.slipway.protocol.modal.ClassParameterValue;
import dev.slipway.protocol.modal.ParameterType;
import java.util.LinkedHashMap;
import java.util.Map;

/// Checks the values for a class's typed parameters before any container is started with them.
/// Parameters of the older kind are opaque.
final class ParameterTranslation {
  private ParameterTranslation() {}

  static void require(String name, ClassParameterInfo info, byte[] serialized) {
    if (info.getFormat() != ParameterSerializationFormat.PARAM_SERIALIZATION_FORMAT_PROTO) {
      return;
    }
    Map<String, ClassParameterSpec> expected = new LinkedHashMap<>();
    info.getSchemaList().forEach(spec -> expected.put(spec.getName(), spec));
    for (ClassParameterValue value : parse(name, serialized).getParametersList()) {
      ClassParameterSpec spec = expected.remove(value.getName());
      if (spec == null) {
        throw refused(
            "'%s' has no parameter '%s', or it is given twice; it has %s"
                .formatted(
                    name,
                    value.getName(),
                    info.getSchemaList().stream().map(ClassParameterSpec::getName).toList()));
      }
      ParameterType type = type(spec);
      if (value.getType() != type || !holds(value)) {
        throw refused(
            "the parameter '%s' of '%s' is %s, but the value given is %s"
                .formatted(value.getName(), name, text(type), text(value.getType())));
      }
    }
    expected.values().stream()
        .filter(spec -> !spec.getHasDefault())
        .findFirst()
        .ifPresent(spec -> {
          throw refused(
              "the parameter '%s' of '%s' has no value and no default"
                  .formatted(spec.getName(), name));
        });
  }

  private static ClassParameterSet parse(String name, byte[] serialized) {
    try {
      return ClassParameterSet.parseFrom(serialized);
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(
          ErrorKind.INVALID, "the parameters given for '" + name + "' cannot be read", e);
    }
  }

  /// Newer clients say the type in a richer form; older ones do not.
  private static ParameterType type(ClassParameterSpec spec) {
    return spec.hasFullType() ? spec.getFullType().getBaseType() : spec.getType();
  }

  private static boolean holds(ClassParameterValue value) {
    return switch (value.getValueOneofCase()) {
      case STRING_VALUE -> value.getType() == ParameterType.PARAM_TYPE_STRING;
      case INT_VALUE -> value.getType() == ParameterType.PARAM_TYPE_INT;
      case PICKLE_VALUE -> value.getType() == ParameterType.PARAM_TYPE_PICKLE;
      case BYTES_VALUE -> value.getType() == ParameterType.PARAM_TYPE_BYTES;
      case BOOL_VALUE -> value.getType() == ParameterType.PARAM_TYPE_BOOL;
      case VALUEONEOF_NOT_SET -> false;
    };
  }

  private static String text(ParameterType type) {
    return switch (type) {
      case PARAM_TYPE_STRING -> "a str";
      case PARAM_TYPE_INT -> "an int";
      case PARAM_TYPE_PICKLE -> "a pickled object";
      case PARAM_TYPE_BYTES -> "a bytes object";
      case PARAM_TYPE_BOOL -> "a bool";
      case PARAM_TYPE_LIST -> "a list";
      case PARAM_TYPE_DICT -> "a dict";
      case PARAM_TYPE_NONE -> "None";
      case PARAM_TYPE_UNSPECIFIED, PARAM_TYPE_UNKNOWN, UNRECOGNIZED -> "of an unknown type";
    };
  }

  private static SlipwayException refused(String sentence) {
    return new SlipwayException(ErrorKind.INVALID, sentence);
  }
}
