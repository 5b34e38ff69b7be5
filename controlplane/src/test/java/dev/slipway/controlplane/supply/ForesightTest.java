package dev.slipway.controlplane.supply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ForesightTest {
  @Test
  void theNameOfTheBaseSaysWhichPythonAnImageIsFor() {
    assertThat(Foresight.pythonOf(List.of("FROM python:3.11.12-slim-bookworm", "RUN true")))
        .contains("3.11");
    assertThat(Foresight.pythonOf(List.of("FROM mirror.example/library/python:3.9 AS first")))
        .contains("3.9");
  }

  @Test
  void otherBasesSayNothing() {
    for (String line :
        List.of(
            "FROM base", "FROM ubuntu:22.04", "FROM cpython:3.11", "RUN echo FROM python:3.11")) {
      assertThat(Foresight.pythonOf(List.of(line))).as(line).isEmpty();
    }
  }
}
