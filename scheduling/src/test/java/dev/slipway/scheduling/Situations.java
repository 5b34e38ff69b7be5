package dev.slipway.scheduling;

import dev.slipway.model.TaskId;
import dev.slipway.scheduling.ContainerSnapshot.Phase;
import dev.slipway.scheduling.ScalingSettings.Intake;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Builds the situations that the tests ask about.
final class Situations {
  static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  static final Duration WINDOW = Duration.ofSeconds(60);
  static final ScalingSettings USUAL = settings(0, 0, 0, 1);

  private Situations() {}

  static ScalingSettings settings(int min, int max, int buffer, int inputsPerContainer) {
    return new ScalingSettings(min, max, buffer, inputsPerContainer, Intake.SEPARATE, WINDOW);
  }

  static ContainerSnapshot container(int number, Phase phase, int running, Instant since) {
    return new ContainerSnapshot(new TaskId("ta-" + number), phase, running, since);
  }

  static ContainerSnapshot idle(int number, Duration time) {
    return container(number, Phase.READY, 0, NOW.minus(time));
  }

  static ContainerSnapshot busy(int number, Duration time) {
    return container(number, Phase.READY, 1, NOW.minus(time));
  }

  static ContainerSnapshot starting(int number, Duration time) {
    return container(number, Phase.STARTING, 0, NOW.minus(time));
  }

  static Pace pace(Duration service) {
    return new Pace(Optional.of(service), Pace.USUAL_START);
  }

  static Scene scene() {
    return new Scene(USUAL, 0, Duration.ZERO, List.of(), Instant.EPOCH, Pace.unknown(), 2, false);
  }

  /// A function's situation, changed step by step.
  record Scene(
      ScalingSettings settings,
      int waiting,
      Duration waited,
      List<ContainerSnapshot> containers,
      Instant notBefore,
      Pace pace,
      int cores,
      boolean saturated) {
    Scene with(ScalingSettings changed) {
      return new Scene(changed, waiting, waited, containers, notBefore, pace, cores, saturated);
    }

    Scene waiting(int inputs, Duration time) {
      return new Scene(settings, inputs, time, containers, notBefore, pace, cores, saturated);
    }

    Scene waiting(int inputs) {
      return waiting(inputs, Duration.ZERO);
    }

    Scene with(ContainerSnapshot... more) {
      List<ContainerSnapshot> all = new ArrayList<>(containers);
      all.addAll(List.of(more));
      return new Scene(settings, waiting, waited, all, notBefore, pace, cores, saturated);
    }

    Scene notBefore(Instant time) {
      return new Scene(settings, waiting, waited, containers, time, pace, cores, saturated);
    }

    Scene with(Pace changed) {
      return new Scene(settings, waiting, waited, containers, notBefore, changed, cores, saturated);
    }

    Scene cores(int count) {
      return new Scene(settings, waiting, waited, containers, notBefore, pace, count, saturated);
    }

    Scene onSaturatedMachines() {
      return new Scene(settings, waiting, waited, containers, notBefore, pace, cores, true);
    }

    FunctionSnapshot snapshot(boolean active) {
      return new FunctionSnapshot(
          active,
          settings,
          waiting,
          waiting == 0 ? Optional.empty() : Optional.of(NOW.minus(waited)),
          containers,
          notBefore,
          pace,
          cores,
          saturated);
    }

    ScalePlan plan() {
      return new Autoscaler().decide(snapshot(true), NOW);
    }
  }
}
