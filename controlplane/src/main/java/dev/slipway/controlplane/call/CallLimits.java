package dev.slipway.controlplane.call;

/// How much may be open at the same time. Past a limit callers are told to come back, which the
/// client does by itself.
///
/// @param waitingPerFunction inputs of one function that no container has taken
/// @param openPerWorkspace inputs of all functions of one workspace that have no output
/// @param finishedBytes memory that finished calls may take, about; past it those leave first that
///   nobody asks for
public record CallLimits(int waitingPerFunction, int openPerWorkspace, long finishedBytes) {
  /// What production allows. A waiting input takes about a kilobyte of memory beside its arguments.
  public static final CallLimits DEFAULT = new CallLimits(200_000, 500_000, 256L << 20);
}
