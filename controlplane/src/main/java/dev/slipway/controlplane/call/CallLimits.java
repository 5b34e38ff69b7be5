package dev.slipway.controlplane.call;

/// How much may be open at the same time. Past a limit callers are told to come back, which the
/// client does by itself.
///
/// @param waitingPerFunction inputs of one function that no container has taken
/// @param openPerWorkspace inputs of all functions of one workspace that have no output
public record CallLimits(int waitingPerFunction, int openPerWorkspace) {
  /// What production allows. A waiting input takes about a kilobyte of memory beside its arguments.
  public static final CallLimits DEFAULT = new CallLimits(200_000, 500_000);
}
