package org.rlarena.gateway.caller;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.rlarena.gateway.bus.BusEvent;
import org.rlarena.gateway.bus.BusListener;

/**
 * Which tokens are refused although they are sound: of banned and deleted users, logged out, or
 * older than the user's last "log out everywhere". Held in memory, from the whole of {@code
 * user.changed}. Thread-safe.
 */
@ApplicationScoped
public class Revocations implements BusListener {

  private static final String CHANGED = "org.rlarena.user.changed.v1";
  private static final String DELETED = "org.rlarena.user.deleted.v1";

  private final ObjectMapper json;
  private final Map<UUID, State> states = new ConcurrentHashMap<>();
  private final List<Consumer<UUID>> watchers = new CopyOnWriteArrayList<>();

  Revocations(ObjectMapper json) {
    this.json = json;
  }

  /** Tells somebody each time that a user's tokens may have been revoked. */
  public void watch(Consumer<UUID> watcher) {
    watchers.add(watcher);
  }

  /** Whether the caller's token was revoked, as far as this gateway knows. */
  public boolean refuses(Caller caller) {
    State state = states.get(caller.userId());
    return state != null
        && (!state.active
            || caller.issuedAt().isBefore(state.validFrom)
            || state.loggedOut.contains(caller.tokenId()));
  }

  @Override
  public Map<String, Start> topics() {
    return Map.of("user.changed", Start.BEGINNING);
  }

  @Override
  public void on(BusEvent event) throws IOException {
    switch (event.type()) {
      case CHANGED -> {
        UserChanged user = json.readValue(event.data(), UserChanged.class);
        apply(user.userId, State.of(user));
      }
      case DELETED -> {
        UserDeleted user = json.readValue(event.data(), UserDeleted.class);
        apply(user.userId, State.DELETED);
      }
      default -> {
        // a fact that does not concern tokens
      }
    }
  }

  private void apply(UUID userId, State state) {
    State now =
        states.merge(userId, state, (old, fresh) -> fresh.sequence > old.sequence ? fresh : old);
    if (now == state) {
      watchers.forEach(watcher -> watcher.accept(userId));
    }
  }

  private record State(long sequence, boolean active, Instant validFrom, Set<String> loggedOut) {

    /** Later events of a deleted user are ignored, in whatever order they come. */
    private static final State DELETED = new State(Long.MAX_VALUE, false, Instant.MAX, Set.of());

    static State of(UserChanged user) {
      Set<String> loggedOut =
          user.loggedOutTokens == null
              ? Set.of()
              : user.loggedOutTokens.stream()
                  .map(UserChanged.LoggedOut::jti)
                  .collect(Collectors.toUnmodifiableSet());
      return new State(
          user.sequence, "active".equals(user.status), user.tokensValidFrom, loggedOut);
    }
  }

  /** What is read of {@code user.changed.v1}. */
  @RegisterForReflection
  record UserChanged(
      UUID userId,
      long sequence,
      String status,
      Instant tokensValidFrom,
      List<LoggedOut> loggedOutTokens) {

    @RegisterForReflection
    record LoggedOut(String jti) {}
  }

  /** What is read of {@code user.deleted.v1}. */
  @RegisterForReflection
  record UserDeleted(UUID userId) {}
}
