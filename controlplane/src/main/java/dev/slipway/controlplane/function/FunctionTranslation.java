package dev.slipway.controlplane.function;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.slipway.model.ErrorKind;
import dev.slipway.model.ImageId;
import dev.slipway.model.MountId;
import dev.slipway.model.Resources;
import dev.slipway.model.SecretId;
import dev.slipway.model.SlipwayException;
import dev.slipway.protocol.modal.AutoscalerSettings;
import dev.slipway.protocol.modal.Function;
import dev.slipway.protocol.modal.FunctionOptions;
import dev.slipway.protocol.modal.FunctionRetryPolicy;
import dev.slipway.scheduling.Retry;
import dev.slipway.scheduling.ScalingSettings;
import java.io.IOException;
import java.time.Duration;

/// Reads the client's definition of a function, and writes what the client wants to know about it.
public final class FunctionTranslation {
  /// Used when the client names no timeout, as 1.0 does.
  static final int DEFAULT_TIMEOUT_SECONDS = 300;

  /// The longest timeout: a day.
  static final int MAX_TIMEOUT_SECONDS = 86_400;

  /// Used when the client names no window.
  static final int DEFAULT_SCALEDOWN_SECONDS = 60;

  /// The longest scale-down window.
  static final int MAX_SCALEDOWN_SECONDS = 3_600;

  /// What a container is promised when its function asks for nothing.
  static final int DEFAULT_MILLI_CPU = 125;

  static final int DEFAULT_MEMORY_MIB = 128;

  static final int MAX_MILLI_CPU = 512_000;
  static final int MAX_MEMORY_MIB = 4 << 20;

  /// What a container writes before its own code runs has to fit, too.
  static final int MIN_DISK_MIB = 16;

  static final int MAX_DISK_MIB = 3 << 20;
  static final int MAX_CONTAINERS = 10_000;
  static final int MAX_CONCURRENT_INPUTS = 1_000;
  static final int MAX_RETRIES = 100;

  /// The specification of a function.
  ///
  /// @param published whether it is part of its app's valid version: others keep no containers
  ///   without work
  FunctionSpec spec(FunctionRow row, Definition definition, boolean published) {
    Function function = merged(row, definition);
    String name = function.getFunctionName();
    refuseUnsupported(function, name);
    int timeout =
        bounded(
            name,
            "timeout",
            function.getTimeoutSecs(),
            DEFAULT_TIMEOUT_SECONDS,
            MAX_TIMEOUT_SECONDS);
    int startup =
        bounded(
            name,
            "startup_timeout",
            function.getStartupTimeoutSecs(),
            timeout,
            MAX_TIMEOUT_SECONDS);
    int concurrent =
        bounded(name, "max_inputs", function.getMaxConcurrentInputs(), 1, MAX_CONCURRENT_INPUTS);
    int batch =
        bounded(name, "max_batch_size", function.getBatchMaxSize(), 0, MAX_CONCURRENT_INPUTS);
    if (function.getImageId().isEmpty()) {
      throw new SlipwayException(
          ErrorKind.INVALID, "function '" + name + "' names no image to run in");
    }
    return new FunctionSpec(
        row.id(),
        row.app(),
        name,
        definition.id(),
        function.getMethodDefinitionsMap().keySet(),
        new ImageId(function.getImageId()),
        function.getMountIdsList().stream().map(MountId::new).toList(),
        function.getSecretIdsList().stream().map(SecretId::new).toList(),
        resources(name, function),
        scaling(name, function, concurrent, batch, published && startsByItself(row, function)),
        retry(name, function.getRetryPolicy()),
        Duration.ofSeconds(timeout),
        Duration.ofSeconds(startup),
        concurrent,
        batch,
        Duration.ofMillis(function.getBatchLingerMs()),
        function.getBlockNetwork());
  }

  /// Where the function's code is; empty when its client did not say.
  String moduleName(FunctionRow row, Definition definition) {
    return merged(row, definition).getModuleName();
  }

  /// The definition with a variant's options applied, as its containers get it.
  public Function merged(FunctionRow row, Definition definition) {
    Function function = parse(definition);
    return row.options().length == 0 ? function : withOptions(function, options(row.options()));
  }

  static Function parse(Definition definition) {
    try {
      return Function.parseFrom(definition.message());
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS, "a stored function definition cannot be read", e);
    }
  }

  private static FunctionOptions options(byte[] stored) {
    try {
      return FunctionOptions.parseFrom(stored);
    } catch (InvalidProtocolBufferException e) {
      throw new SlipwayException(
          ErrorKind.DATA_LOSS, "the stored options of a variant cannot be read", e);
    }
  }

  /// The options of a variant of a variant.
  static byte[] combine(byte[] parent, byte[] own) {
    if (parent.length == 0) {
      return own;
    }
    return options(parent).toBuilder().mergeFrom(options(own)).build().toByteArray();
  }

  /// Refuses values that the class has no parameters for.
  void requireParameters(Definition definition, byte[] values) {
    Function function = parse(definition);
    ParameterTranslation.require(
        function.getFunctionName(), function.getClassParameterInfo(), values);
  }

  private static Function withOptions(Function function, FunctionOptions options) {
    Function.Builder merged = function.toBuilder();
    AutoscalerSettings.Builder scaling = function.getAutoscalerSettings().toBuilder();
    if (options.hasResources()) {
      // What a variant does not say stays as its function has it.
      merged.getResourcesBuilder().mergeFrom(options.getResources());
    }
    if (options.hasRetryPolicy()) {
      merged.setRetryPolicy(options.getRetryPolicy());
    }
    if (options.hasTimeoutSecs()) {
      merged.setTimeoutSecs(options.getTimeoutSecs());
    }
    if (options.hasConcurrencyLimit()) {
      merged.setConcurrencyLimit(options.getConcurrencyLimit());
      scaling.setMaxContainers(options.getConcurrencyLimit());
    }
    if (options.hasTaskIdleTimeoutSecs()) {
      merged.setTaskIdleTimeoutSecs(options.getTaskIdleTimeoutSecs());
      scaling.setScaledownWindow(options.getTaskIdleTimeoutSecs());
    }
    if (options.hasWarmPoolSize()) {
      merged.setWarmPoolSize(options.getWarmPoolSize());
      scaling.setMinContainers(options.getWarmPoolSize());
    }
    if (options.hasBufferContainers()) {
      scaling.setBufferContainers(options.getBufferContainers());
    }
    if (options.hasMaxConcurrentInputs()) {
      merged.setMaxConcurrentInputs(options.getMaxConcurrentInputs());
    }
    if (options.hasTargetConcurrentInputs()) {
      merged.setTargetConcurrentInputs(options.getTargetConcurrentInputs());
    }
    if (options.hasBatchMaxSize()) {
      merged.setBatchMaxSize(options.getBatchMaxSize());
    }
    if (options.hasBatchLingerMs()) {
      merged.setBatchLingerMs(options.getBatchLingerMs());
    }
    if (options.getReplaceSecretIds()) {
      merged.clearSecretIds();
    }
    merged.addAllSecretIds(options.getSecretIdsList());
    return merged.setAutoscalerSettings(scaling).build();
  }

  /// Equal for equal definitions, in whatever order their maps and mounts arrive: the client keeps
  /// the mounts in a set, so that their order is another one each time.
  static String definitionId(Function function) {
    Function canonical =
        function.toBuilder()
            .clearMountIds()
            .addAllMountIds(function.getMountIdsList().stream().sorted().toList())
            .build();
    byte[] ordered = new byte[canonical.getSerializedSize()];
    CodedOutputStream output = CodedOutputStream.newInstance(ordered);
    output.useDeterministicSerialization();
    try {
      canonical.writeTo(output);
    } catch (IOException e) {
      throw new IllegalStateException("a buffer of the right size does not overflow", e);
    }
    return Hashes.definitionId(ordered);
  }

  private static void refuseUnsupported(Function function, String name) {
    if (!function.getResources().getGpuConfig().getGpuType().isEmpty()) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "function '%s' asks for a GPU of type %s, and no worker of this installation has a GPU"
              .formatted(name, function.getResources().getGpuConfig().getGpuType()));
    }
    if (function.getWebhookConfig().getTypeValue() != 0 || function.getIsServer()) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "function '" + name + "' is a web endpoint, which this version does not serve yet");
    }
  }

  private static Resources resources(String name, Function function) {
    dev.slipway.protocol.modal.Resources asked = function.getResources();
    int milliCpu =
        bounded(name, "cpu (thousandths)", asked.getMilliCpu(), DEFAULT_MILLI_CPU, MAX_MILLI_CPU);
    int memory =
        bounded(name, "memory (MiB)", asked.getMemoryMb(), DEFAULT_MEMORY_MIB, MAX_MEMORY_MIB);
    int cpuLimit =
        bounded(name, "cpu limit (thousandths)", asked.getMilliCpuMax(), 0, MAX_MILLI_CPU);
    int memoryLimit =
        bounded(name, "memory limit (MiB)", asked.getMemoryMbMax(), 0, MAX_MEMORY_MIB);
    return new Resources(milliCpu, cpuLimit, memory, memoryLimit, disk(name, function));
  }

  private static int disk(String name, Function function) {
    int disk =
        bounded(
            name,
            "ephemeral_disk (MiB)",
            function.getResources().getEphemeralDiskMb(),
            0,
            MAX_DISK_MIB);
    if (disk > 0 && disk < MIN_DISK_MIB) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "ephemeral_disk (MiB) of function '%s' is %d; at least %d is accepted"
              .formatted(name, disk, MIN_DISK_MIB));
    }
    if (disk > 0 && function.getIsBuilderFunction()) {
      throw new SlipwayException(
          ErrorKind.UNSUPPORTED,
          "function '%s' runs as a step of an image, which keeps what it writes: it has no ephemeral disk of its own, and asks for %d MiB"
              .formatted(name, disk));
    }
    return disk;
  }

  private static ScalingSettings scaling(
      String name, Function function, int concurrent, int batch, boolean published) {
    AutoscalerSettings settings = function.getAutoscalerSettings();
    int min =
        bounded(
            name,
            "min_containers",
            settings.hasMinContainers() ? settings.getMinContainers() : function.getWarmPoolSize(),
            0,
            MAX_CONTAINERS);
    int max =
        bounded(
            name,
            "max_containers",
            settings.hasMaxContainers()
                ? settings.getMaxContainers()
                : function.getConcurrencyLimit(),
            0,
            MAX_CONTAINERS);
    int buffer =
        bounded(name, "buffer_containers", settings.getBufferContainers(), 0, MAX_CONTAINERS);
    int window =
        bounded(
            name,
            "scaledown_window",
            settings.hasScaledownWindow()
                ? settings.getScaledownWindow()
                : function.getTaskIdleTimeoutSecs(),
            DEFAULT_SCALEDOWN_SECONDS,
            MAX_SCALEDOWN_SECONDS);
    int target = function.getTargetConcurrentInputs();
    int perContainer =
        Math.max(1, Math.max(target > 0 ? Math.min(target, concurrent) : concurrent, batch));
    return new ScalingSettings(
        published ? min : 0,
        max,
        buffer,
        perContainer,
        intake(function, batch),
        Duration.ofSeconds(window));
  }

  /// The containers of a class with parameters are those of its variants.
  private static boolean startsByItself(FunctionRow row, Function function) {
    return row.base().isPresent() || function.getClassParameterInfo().getSchemaCount() == 0;
  }

  private static ScalingSettings.Intake intake(Function function, int batch) {
    if (function.getSingleUseContainers() || function.getMaxInputs() == 1) {
      return ScalingSettings.Intake.ONCE;
    }
    return batch > 0 ? ScalingSettings.Intake.BATCHED : ScalingSettings.Intake.SEPARATE;
  }

  private static Retry retry(String name, FunctionRetryPolicy policy) {
    int retries = bounded(name, "retries", policy.getRetries(), 0, MAX_RETRIES);
    if (retries == 0) {
      return Retry.none();
    }
    return new Retry(
        retries,
        Duration.ofMillis(Integer.toUnsignedLong(policy.getInitialDelayMs())),
        policy.getBackoffCoefficient(),
        Duration.ofMillis(Integer.toUnsignedLong(policy.getMaxDelayMs())));
  }

  /// Wire numbers are unsigned: what a careless client sends as -1 arrives here as 4294967295.
  private static int bounded(String function, String setting, int wire, int whenZero, int maximum) {
    long value = Integer.toUnsignedLong(wire);
    if (value == 0) {
      return whenZero;
    }
    if (value > maximum) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "%s of function '%s' is %d; at most %d is accepted"
              .formatted(setting, function, value, maximum));
    }
    return (int) value;
  }
}
