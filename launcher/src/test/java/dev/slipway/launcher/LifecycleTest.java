package dev.slipway.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private final List<String> stopped = new ArrayList<>();
  private final Lifecycle lifecycle = new Lifecycle();

  @Test
  void partsAreStoppedOnceInTheOppositeOrder() {
    add("database");
    add("calls");
    add("door");
    lifecycle.close();
    lifecycle.close();
    assertThat(stopped).containsExactly("door", "calls", "database");
  }

  @Test
  void aPartThatFailsToStopDoesNotKeepTheOthersRunning() {
    add("database");
    lifecycle.add(
        "door",
        () -> {
          throw new IllegalStateException("stuck");
        });
    lifecycle.close();
    assertThat(stopped).containsExactly("database");
  }

  @Test
  void aPartThatComesUpDuringTheStopIsStoppedToo() {
    lifecycle.close();
    assertThatThrownBy(() -> add("late")).hasMessageContaining("late");
    assertThat(stopped).containsExactly("late");
  }

  private void add(String name) {
    lifecycle.add(name, () -> stopped.add(name));
  }
}
