package dev.slipway.controlplane.fleet;

import com.google.protobuf.UnsafeByteOperations;
import dev.slipway.controlplane.task.StartOrder;
import dev.slipway.controlplane.task.TaskExit;
import dev.slipway.model.TaskId;
import dev.slipway.protocol.worker.ImageReference;
import dev.slipway.protocol.worker.LogEntry;
import dev.slipway.protocol.worker.MountReference;
import dev.slipway.protocol.worker.Network;
import dev.slipway.protocol.worker.Resources;
import dev.slipway.protocol.worker.StartTask;
import dev.slipway.protocol.worker.StopTask;
import dev.slipway.protocol.worker.TaskExited;
import java.time.Duration;
import java.util.List;

/// Tasks in the words of the worker protocol.
final class TaskTranslation {
  private TaskTranslation() {}

  static StartTask start(StartOrder order) {
    StartTask.Builder message =
        StartTask.newBuilder()
            .setTaskId(order.task().value())
            .setImage(
                ImageReference.newBuilder()
                    .setImageId(order.image().value())
                    .addAllLayerIds(order.layerIds())
                    .setConfig(BuildTranslation.config(order.config())))
            .putAllEnvironment(order.environment())
            .putAllSecretEnvironment(order.secrets().values())
            .setContainerArguments(UnsafeByteOperations.unsafeWrap(order.containerArguments()))
            .addAllCommand(order.command())
            .setKeptLayerId(order.keptLayerId())
            .setResources(
                Resources.newBuilder()
                    .setMilliCpu(order.resources().milliCpu())
                    .setMilliCpuLimit(order.resources().milliCpuLimit())
                    .setMemoryMb(order.resources().memoryMib())
                    .setMemoryMbLimit(order.resources().memoryMibLimit())
                    .setDiskMb(order.resources().diskMib()))
            .setNetwork(
                order.networkBlocked() ? Network.NETWORK_BLOCKED : Network.NETWORK_OUTBOUND);
    order
        .mounts()
        .forEach(mount ->
            message.addMounts(
                MountReference.newBuilder()
                    .setMountId(mount.mount().value())
                    .setCompileBytecode(mount.compileBytecode())));
    return message.build();
  }

  static StopTask stop(TaskId task, Duration grace, String reason) {
    return StopTask.newBuilder()
        .setTaskId(task.value())
        .setGraceMs(Math.toIntExact(grace.toMillis()))
        .setReason(reason)
        .build();
  }

  static TaskExit exit(TaskExited message) {
    TaskExit.Cause cause =
        switch (message.getCause()) {
          case CAUSE_OUT_OF_MEMORY -> TaskExit.Cause.OUT_OF_MEMORY;
          case CAUSE_STOPPED -> TaskExit.Cause.STOPPED;
          case CAUSE_START_FAILED -> TaskExit.Cause.START_FAILED;
          case CAUSE_WORKER_RESTARTED -> TaskExit.Cause.WORKER_LOST;
          case CAUSE_EXITED, CAUSE_UNSPECIFIED, UNRECOGNIZED -> TaskExit.Cause.EXITED;
        };
    return new TaskExit(
        new TaskId(message.getTaskId()), cause, message.getExitCode(), message.getReason());
  }

  static List<TaskOutput.Entry> output(List<LogEntry> entries) {
    return entries.stream()
        .map(entry ->
            new TaskOutput.Entry(
                switch (entry.getStream()) {
                  case STREAM_STDERR -> TaskOutput.Channel.STDERR;
                  case STREAM_SYSTEM -> TaskOutput.Channel.SYSTEM;
                  case STREAM_STDOUT, STREAM_UNSPECIFIED, UNRECOGNIZED -> TaskOutput.Channel.STDOUT;
                },
                entry.getTimestampNs(),
                entry.getData()))
        .toList();
  }
}
