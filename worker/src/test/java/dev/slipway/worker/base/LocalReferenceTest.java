package dev.slipway.worker.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalReferenceTest {
  @ParameterizedTest
  @CsvSource({
    "python:3.11.12-slim-bookworm, BOOKWORM, 3.11.12",
    "python:3.13-slim-trixie, TRIXIE, 3.13",
    "python:3.9.15-slim-bullseye, BULLSEYE, 3.9.15",
    "docker.io/library/python:3.12, TRIXIE, 3.12",
    "python:3, TRIXIE, 3",
    "python:slim, TRIXIE, ''",
    "python, TRIXIE, ''",
  })
  void pythonImages(String reference, DebianSuite suite, String version) {
    assertThat(LocalReference.find(reference))
        .contains(new LocalReference(suite, Optional.of(version)));
  }

  @ParameterizedTest
  @CsvSource({
    "debian:bookworm-slim, BOOKWORM",
    "debian:12, BOOKWORM",
    "debian:12.5-slim, BOOKWORM",
    "debian:trixie-20260505-slim, TRIXIE",
    "debian:stable, TRIXIE",
    "debian, TRIXIE",
  })
  void debianImages(String reference, DebianSuite suite) {
    assertThat(LocalReference.find(reference))
        .contains(new LocalReference(suite, Optional.empty()));
  }

  @Test
  void nothingElseIsTakenForThem() {
    for (String other :
        List.of(
            "ubuntu:22.04",
            "python:3.11-alpine",
            "python:3.9-slim-buster",
            "python:3.14.0rc1-slim",
            "someone/python:3.11",
            "registry.example/python:3.11",
            "python@sha256:" + "0".repeat(64),
            "python:3.11@sha256:" + "0".repeat(64))) {
      assertThat(LocalReference.find(other)).as(other).isEmpty();
    }
  }
}
