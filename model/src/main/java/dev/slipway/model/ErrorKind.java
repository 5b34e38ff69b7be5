package dev.slipway.model;

/// The kinds of failure that Slipway tells apart. Each maps to one gRPC status and one HTTP status,
/// in one place at the edge.
public enum ErrorKind {
  /// The request itself is wrong and would be wrong at any time.
  INVALID,
  /// Nobody said who is calling, or the token is unknown.
  UNAUTHENTICATED,
  /// The caller is known and may not do this.
  DENIED,
  /// The named thing does not exist, or belongs to somebody else.
  NOT_FOUND,
  /// A thing of that name exists already.
  EXISTS,
  /// The thing exists but its state does not allow this.
  CONFLICT,
  /// A named limit is reached; the same request may succeed later.
  EXHAUSTED,
  /// This installation or this client's version cannot do it.
  UNSUPPORTED,
  /// A part that is needed (database, disk, worker) is away; the client should try again.
  UNAVAILABLE,
  /// Stored bytes are damaged or missing.
  DATA_LOSS
}
