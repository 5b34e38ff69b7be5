package dev.slipway.protocol;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/// What a set of .proto files says about the wire, as plain text that can be compared: for every
/// message, enum and service its members, each by name, by number and by everything else.
record WireSchema(Map<String, Map<String, Member>> types) {

  /// A field, an enum value or a method.
  ///
  /// @param number of a field or value; a method has none, its name stands for it
  /// @param shape everything else that both sides must agree on
  record Member(String name, String number, String shape) {}

  static WireSchema of(Collection<FileDescriptorProto> files) {
    Map<String, Map<String, Member>> types = new TreeMap<>();
    for (FileDescriptorProto file : files) {
      String scope = "." + file.getPackage();
      file.getMessageTypeList().forEach(message -> addMessage(types, scope, message));
      file.getEnumTypeList().forEach(enumeration -> addEnum(types, scope, enumeration));
      file.getServiceList().forEach(service -> addService(types, scope, service));
    }
    return new WireSchema(types);
  }

  private static void addMessage(
      Map<String, Map<String, Member>> types, String scope, DescriptorProto message) {
    String name = scope + "." + message.getName();
    Map<String, Member> members = new TreeMap<>();
    for (FieldDescriptorProto field : message.getFieldList()) {
      members.put(
          field.getName(),
          new Member(field.getName(), "" + field.getNumber(), shape(message, field)));
    }
    types.put(name, members);
    message.getNestedTypeList().forEach(nested -> addMessage(types, name, nested));
    message.getEnumTypeList().forEach(nested -> addEnum(types, name, nested));
  }

  private static String shape(DescriptorProto message, FieldDescriptorProto field) {
    StringBuilder shape = new StringBuilder();
    shape.append(field.getLabel()).append(' ').append(field.getType());
    if (field.hasTypeName()) {
      shape.append(' ').append(field.getTypeName());
    }
    if (field.getProto3Optional()) {
      shape.append(" optional");
    } else if (field.hasOneofIndex()) {
      shape.append(" in ").append(message.getOneofDecl(field.getOneofIndex()).getName());
    }
    if (message.getOptions().getMapEntry()) {
      shape.append(" of a map");
    }
    return shape.toString();
  }

  private static void addEnum(
      Map<String, Map<String, Member>> types, String scope, EnumDescriptorProto enumeration) {
    Map<String, Member> members = new TreeMap<>();
    for (EnumValueDescriptorProto value : enumeration.getValueList()) {
      members.put(
          value.getName(), new Member(value.getName(), "" + value.getNumber(), "enum value"));
    }
    types.put(scope + "." + enumeration.getName(), members);
  }

  private static void addService(
      Map<String, Map<String, Member>> types, String scope, ServiceDescriptorProto service) {
    Map<String, Member> members = new TreeMap<>();
    for (MethodDescriptorProto method : service.getMethodList()) {
      String shape =
          (method.getClientStreaming() ? "stream " : "")
              + method.getInputType()
              + " -> "
              + (method.getServerStreaming() ? "stream " : "")
              + method.getOutputType();
      members.put(method.getName(), new Member(method.getName(), method.getName(), shape));
    }
    types.put(scope + "." + service.getName(), members);
  }
}
