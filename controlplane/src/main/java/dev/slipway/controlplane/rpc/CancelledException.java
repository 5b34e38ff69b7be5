package dev.slipway.controlplane.rpc;

/// The caller is gone: nobody waits for this call any more. Not a failure, and never shown.
public final class CancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CancelledException() {
    super("the caller is gone", null, false, false);
  }
}
