package dev.slipway.scheduling;

import java.util.Locale;

/// Amounts of what machines have, as people say them.
final class Amounts {
  private static final int MIB_PER_GIB = 1024;

  private Amounts() {}

  static String cores(int milliCpu) {
    double cores = Math.max(0, milliCpu) / 1000.0;
    return String.format(Locale.ROOT, cores == Math.rint(cores) ? "%.0f" : "%.2f", cores)
        + (cores == 1 ? " core" : " cores");
  }

  static String disk(long mebibytes) {
    return memory(mebibytes) + " of disk";
  }

  static String memory(long mebibytes) {
    long shown = Math.max(0, mebibytes);
    if (shown < MIB_PER_GIB) {
      return shown + " MiB";
    }
    double gibibytes = (double) shown / MIB_PER_GIB;
    return String.format(Locale.ROOT, shown % MIB_PER_GIB == 0 ? "%.0f" : "%.1f", gibibytes)
        + " GiB";
  }
}
