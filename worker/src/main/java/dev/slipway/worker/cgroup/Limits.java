package dev.slipway.worker.cgroup;

/// What a container may use.
///
/// @param milliCpu share when processors are short, in thousandths of a core; 0 stands for
///   [#DEFAULT_MILLI_CPU]
/// @param milliCpuLimit hard limit, in thousandths of a core; 0 is none
/// @param memoryMib memory that the kernel tries to leave to it
/// @param memoryMibLimit most memory; 0 is none
/// @param pids most processes and threads; at least 1
public record Limits(int milliCpu, int milliCpuLimit, int memoryMib, int memoryMibLimit, int pids) {
  /// Share of a container that asks for none.
  public static final int DEFAULT_MILLI_CPU = 125;

  /// Period of the processor quota, in microseconds: the kernel's default.
  static final long QUOTA_PERIOD_US = 100_000;

  /// The kernel refuses a smaller quota.
  static final long MIN_QUOTA_US = 1_000;

  /// Shares that version 1 gives to one core.
  private static final long SHARES_PER_CORE = 1_024;

  private static final long MIN_SHARES = 2;
  private static final long MAX_SHARES = 262_144;
  private static final long MAX_WEIGHT = 10_000;
  private static final int BYTES_PER_MIB_SHIFT = 20;

  /// Version 1's measure of the share.
  long shares() {
    long asked = milliCpu == 0 ? DEFAULT_MILLI_CPU : milliCpu;
    return Math.clamp(asked * SHARES_PER_CORE / 1_000, MIN_SHARES, MAX_SHARES);
  }

  /// Version 2's measure of the share, on the scale that container runtimes have agreed on.
  long weight() {
    return 1 + (shares() - MIN_SHARES) * (MAX_WEIGHT - 1) / (MAX_SHARES - MIN_SHARES);
  }

  /// Microseconds of processor time in each period.
  long quotaMicros() {
    return Math.max(MIN_QUOTA_US, milliCpuLimit * QUOTA_PERIOD_US / 1_000);
  }

  long memoryLimitBytes() {
    return (long) memoryMibLimit << BYTES_PER_MIB_SHIFT;
  }

  long memoryBytes() {
    return (long) memoryMib << BYTES_PER_MIB_SHIFT;
  }
}
