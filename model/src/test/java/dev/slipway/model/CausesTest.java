package dev.slipway.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CausesTest {
  private final FileNotFoundException first = new FileNotFoundException("no such file");
  private final IOException second = new IOException("not read", first);
  private final RuntimeException last = new IllegalStateException("not started", second);

  @Test
  void aFailureComesBeforeItsCauses() {
    assertThat(Causes.of(last)).containsExactly(last, second, first);
    assertThat(Causes.of(first)).containsExactly(first);
  }

  @Test
  void theNearestOfAKindIsFound() {
    assertThat(Causes.find(last, IOException.class)).containsSame(second);
    assertThat(Causes.find(last, FileNotFoundException.class)).containsSame(first);
    assertThat(Causes.find(last, IllegalArgumentException.class)).isEmpty();
  }

  @Test
  void aChainThatLeadsBackToItselfIsFollowedToALimit() {
    first.initCause(last);
    assertThat(Causes.of(last)).hasSize(Causes.MAX_LENGTH);
  }
}
