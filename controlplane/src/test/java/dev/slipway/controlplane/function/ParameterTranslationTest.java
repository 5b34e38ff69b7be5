package dev.slipway.controlplane.function;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.protocol.modal.ClassParameterInfo;
import dev.slipway.protocol.modal.ClassParameterInfo.ParameterSerializationFormat;
import dev.slipway.protocol.modal.ClassParameterSet;
import dev.slipway.protocol.modal.ClassParameterSpec;
import dev.slipway.protocol.modal.ClassParameterValue;
import dev.slipway.protocol.modal.ParameterType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParameterTranslationTest {
  private static final ClassParameterInfo INFO =
      ClassParameterInfo.newBuilder()
          .setFormat(ParameterSerializationFormat.PARAM_SERIALIZATION_FORMAT_PROTO)
          .addSchema(
              ClassParameterSpec.newBuilder()
                  .setName("name")
                  .setType(ParameterType.PARAM_TYPE_STRING))
          .addSchema(
              ClassParameterSpec.newBuilder()
                  .setName("size")
                  .setType(ParameterType.PARAM_TYPE_INT)
                  .setHasDefault(true)
                  .setIntDefault(1))
          .build();

  private static final ClassParameterValue NAME =
      ClassParameterValue.newBuilder()
          .setName("name")
          .setType(ParameterType.PARAM_TYPE_STRING)
          .setStringValue("jam")
          .build();
  private static final ClassParameterValue SIZE =
      ClassParameterValue.newBuilder()
          .setName("size")
          .setType(ParameterType.PARAM_TYPE_INT)
          .setIntValue(3)
          .build();

  private static void require(ClassParameterValue... values) {
    ParameterTranslation.require(
        "Jar.*",
        INFO,
        ClassParameterSet.newBuilder().addAllParameters(List.of(values)).build().toByteArray());
  }

  @Test
  void acceptsEveryParameterOnceAndDefaultsForTheRest() {
    assertThatCode(() -> require(NAME, SIZE)).doesNotThrowAnyException();
    assertThatCode(() -> require(SIZE, NAME)).doesNotThrowAnyException();
    assertThatCode(() -> require(NAME)).doesNotThrowAnyException();
  }

  @Test
  void refusesValuesOfAnotherType() {
    ClassParameterValue claims =
        NAME.toBuilder().setType(ParameterType.PARAM_TYPE_INT).setIntValue(1).build();
    assertThatThrownBy(() -> require(claims))
        .hasMessage("the parameter 'name' of 'Jar.*' is a str, but the value given is an int");
    ClassParameterValue lies = SIZE.toBuilder().setStringValue("three").build();
    assertThatThrownBy(() -> require(NAME, lies)).hasMessageContaining("'size' of 'Jar.*'");
    ClassParameterValue empty = SIZE.toBuilder().clearValueOneof().build();
    assertThatThrownBy(() -> require(NAME, empty)).hasMessageContaining("'size' of 'Jar.*'");
  }

  @Test
  void refusesMissingUnknownAndRepeatedParameters() {
    assertThatThrownBy(() -> require(SIZE))
        .hasMessage("the parameter 'name' of 'Jar.*' has no value and no default");
    assertThatThrownBy(() -> require(NAME, SIZE.toBuilder().setName("colour").build()))
        .hasMessage("'Jar.*' has no parameter 'colour', or it is given twice; it has [name, size]");
    assertThatThrownBy(() -> require(NAME, NAME)).hasMessageContaining("given twice");
  }

  @Test
  void leavesParametersOfTheOlderKindAlone() {
    ClassParameterInfo pickled =
        ClassParameterInfo.newBuilder()
            .setFormat(ParameterSerializationFormat.PARAM_SERIALIZATION_FORMAT_PICKLE)
            .build();
    assertThatCode(() -> ParameterTranslation.require("Jar.*", pickled, new byte[] {-1, -1}))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> ParameterTranslation.require("Jar.*", INFO, new byte[] {-1, -1}))
        .hasMessage("the parameters given for 'Jar.*' cannot be read");
  }
}
