package dev.slipway.controlplane.workspace;

import dev.slipway.controlplane.rpc.Caller;
import dev.slipway.controlplane.rpc.ClientTokens;
import dev.slipway.model.WorkspaceId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// The tokens of clients. Those in use are kept in memory for a while, so that a call costs no trip
/// to the database; a change made elsewhere is seen after that while.
public final class Tokens implements ClientTokens {
  static final Duration REMEMBERED_FOR = Duration.ofSeconds(30);
  static final int MAX_REMEMBERED = 10_000;

  private static final Pattern ID = Pattern.compile("ak-[0-9A-Za-z]{1,64}");

  private record Remembered(Token token, long untilMillis) {}

  private final WorkspaceStore store;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Remembered> remembered = new LinkedHashMap<>();

  public Tokens(WorkspaceStore store, InstantSource clock, RandomGenerator random) {
    this.store = store;
    this.clock = clock;
    this.random = random;
  }

  @Override
  public Optional<Caller.Client> find(String tokenId, String tokenSecret) {
    return find(tokenId)
        .filter(token -> token.digest().recognises(tokenSecret))
        .map(token -> new Caller.Client(token.workspace(), token.id()));
  }

  /// The token of that id; whoever asks has proven already that it is theirs.
  Optional<Token> find(String tokenId) {
    if (!ID.matcher(tokenId).matches()) {
      return Optional.empty();
    }
    Optional<Token> known = recall(tokenId);
    if (known.isPresent()) {
      return known;
    }
    Optional<Token> stored = store.findToken(tokenId);
    stored.ifPresent(this::remember);
    return stored;
  }

  /// Makes the given secret valid under the given id.
  void put(WorkspaceId workspace, String id, String secret, String name) {
    // The database keeps microseconds.
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    Token token = new Token(id, workspace, name, SecretDigest.of(secret, random), now);
    store.putToken(token);
    remember(token);
  }

  private Optional<Token> recall(String id) {
    lock.lock();
    try {
      Remembered known = remembered.get(id);
      return known == null || known.untilMillis() <= clock.millis()
          ? Optional.empty()
          : Optional.of(known.token());
    } finally {
      lock.unlock();
    }
  }

  private void remember(Token token) {
    lock.lock();
    try {
      remembered.remove(token.id());
      if (remembered.size() >= MAX_REMEMBERED) {
        // The one read from the database longest ago.
        remembered.remove(remembered.keySet().iterator().next());
      }
      remembered.put(token.id(), new Remembered(token, clock.millis() + REMEMBERED_FOR.toMillis()));
    } finally {
      lock.unlock();
    }
  }
}
