package dev.slipway.model;

/// What a container asks of its machine.
///
/// @param milliCpu guaranteed share, in thousandths of a core
/// @param milliCpuLimit hard limit, in thousandths of a core; 0 is none
/// @param memoryMib guaranteed memory
/// @param memoryMibLimit most memory; 0 is none
/// @param diskMib disk of its own, which is also the most that it can fill; 0 is none: it shares
///   what there is
public record Resources(
    int milliCpu, int milliCpuLimit, int memoryMib, int memoryMibLimit, int diskMib) {
  public Resources {
    if (milliCpu < 0 || milliCpuLimit < 0 || memoryMib < 0 || memoryMibLimit < 0 || diskMib < 0) {
      throw new SlipwayException(
          ErrorKind.INVALID,
          "resources cannot be negative: cpu %d/%d thousandths, memory %d/%d MiB, disk %d MiB"
              .formatted(milliCpu, milliCpuLimit, memoryMib, memoryMibLimit, diskMib));
    }
  }

  /// Without disk of its own.
  public Resources(int milliCpu, int milliCpuLimit, int memoryMib, int memoryMibLimit) {
    this(milliCpu, milliCpuLimit, memoryMib, memoryMibLimit, 0);
  }
}
