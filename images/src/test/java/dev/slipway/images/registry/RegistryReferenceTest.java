package dev.slipway.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.model.SlipwayException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryReferenceTest {
  private static final String HEX =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          python,                                docker.io/library/python:latest
          python:3.11-slim,                      docker.io/library/python:3.11-slim
          mambaorg/micromamba:2.1.1,             docker.io/mambaorg/micromamba:2.1.1
          index.docker.io/library/python,        docker.io/library/python:latest
          ghcr.io/astral-sh/uv:latest,           ghcr.io/astral-sh/uv:latest
          localhost/x,                           localhost/x:latest
          localhost:5000/a/b/c:1_x,              localhost:5000/a/b/c:1_x
          127.0.0.1:5000/x,                      127.0.0.1:5000/x:latest
          """)
  void fillsInWhatReferencesLeaveOut(String text, String whole) {
    assertThat(RegistryReference.parse(text)).hasToString(whole);
    assertThat(RegistryReference.parse(whole)).isEqualTo(RegistryReference.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"python@sha256:", "r.example:5000/p/q:tag@sha256:"})
  void asksByDigestWhereThereIsOne(String text) {
    RegistryReference reference = RegistryReference.parse(text + HEX);

    assertThat(reference.version()).isEqualTo("sha256:" + HEX);
    assertThat(reference.digest().orElseThrow().hex()).isEqualTo(HEX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Python",
        "a//b",
        "../x",
        "x:",
        "x:-a",
        "x@md5:1",
        "x@sha256:12",
        "r.example/",
        "r.example:port/x",
        "x y",
        "http://r.example/x"
      })
  void refusesWhatNamesNoImage(String text) {
    assertThatThrownBy(() -> RegistryReference.parse(text)).isInstanceOf(SlipwayException.class);
  }
}
