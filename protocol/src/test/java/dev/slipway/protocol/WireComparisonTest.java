package dev.slipway.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.OneofDescriptorProto;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The comparison sees every kind of difference that would break a client.
class WireComparisonTest {
  private static final FieldDescriptorProto FIELD = field("name", 1, Type.TYPE_STRING);

  @Test
  void findsNothingWhereBothAgree() {
    assertThat(compare(FIELD, FIELD)).isEmpty();
  }

  @Test
  void allowsWhatOnlyOneOfTwoClientsHas() {
    Map<String, WireSchema> clients = Map.of("old", schema(), "new", schema(FIELD));
    assertThat(WireComparison.differences(schema(FIELD), clients)).isEmpty();
  }

  @Test
  void seesAnotherNumber() {
    assertThat(compare(FIELD, field("name", 2, Type.TYPE_STRING))).hasSize(2);
  }

  @Test
  void seesAnotherNameForANumber() {
    assertThat(compare(FIELD, field("title", 1, Type.TYPE_STRING))).hasSize(2);
  }

  @Test
  void seesAnotherType() {
    assertThat(compare(FIELD, field("name", 1, Type.TYPE_BYTES))).hasSize(2);
  }

  @Test
  void seesAnotherLabelAndAMissingPresence() {
    assertThat(compare(FIELD, FIELD.toBuilder().setLabel(Label.LABEL_REPEATED).build())).hasSize(2);
    assertThat(compare(FIELD, FIELD.toBuilder().setProto3Optional(true).build())).hasSize(2);
  }

  @Test
  void seesAFieldThatMovedIntoAOneof() {
    assertThat(compare(FIELD, FIELD.toBuilder().setOneofIndex(0).build())).hasSize(2);
  }

  @Test
  void seesWhatNoClientHas() {
    assertThat(WireComparison.differences(schema(FIELD), Map.of("only", schema())))
        .singleElement()
        .asString()
        .contains("in no client");
    assertThat(WireComparison.differences(schema(FIELD), Map.of("only", WireSchema.of(List.of()))))
        .hasSize(2);
  }

  private static List<String> compare(FieldDescriptorProto ours, FieldDescriptorProto theirs) {
    return WireComparison.differences(schema(ours), Map.of("only", schema(theirs)));
  }

  private static FieldDescriptorProto field(String name, int number, Type type) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setType(type)
        .setLabel(Label.LABEL_OPTIONAL)
        .build();
  }

  private static WireSchema schema(FieldDescriptorProto... fields) {
    return WireSchema.of(
        List.of(
            FileDescriptorProto.newBuilder()
                .setPackage("example")
                .addMessageType(
                    DescriptorProto.newBuilder()
                        .setName("Thing")
                        .addOneofDecl(OneofDescriptorProto.newBuilder().setName("choice"))
                        .addAllField(List.of(fields)))
                .build()));
  }
}
