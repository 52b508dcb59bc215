package org.rlarena.auth.session;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.auth.AuthConfig;
import org.rlarena.auth.CallingClient;
import org.rlarena.auth.token.Holder;
import org.rlarena.auth.token.Issued;
import org.rlarena.auth.token.IssuedTokens;
import org.rlarena.auth.token.Secrets;
import org.rlarena.auth.token.Tokens;

/**
 * All sessions. Every method needs a running transaction, and all but the reading ones the lock of
 * the user's row: so a refresh, a log-out and a change of password of one user come one after the
 * other.
 */
@ApplicationScoped
public class Sessions implements PanacheRepositoryBase<Session, UUID> {

  private static final String PREFIX = "rla_rt_";

  /** Sessions of others that a log-in clears away when they are over. */
  private static final int SWEPT_AT_ONCE = 20;

  private final Tokens tokens;
  private final IssuedTokens issued;
  private final AuthConfig config;
  private final Clock clock;

  Sessions(Tokens tokens, IssuedTokens issued, AuthConfig config, Clock clock) {
    this.tokens = tokens;
    this.issued = issued;
    this.config = config;
    this.clock = clock;
  }

  /** Whether one more session ends another one. */
  public boolean isFull(UUID userId) {
    return of(userId).size() >= config.sessionsPerUser();
  }

  /** Opens a session. Beyond the limit the one that was used least lately ends. */
  public Grant open(Holder holder, CallingClient.Seen client, boolean renewable) {
    Instant now = clock.instant();
    sweep(now);
    List<Session> others = of(holder.id());
    others.stream()
        .skip(Math.max(0, config.sessionsPerUser() - 1))
        .forEach(session -> end(session));
    Duration lifetime = renewable ? config.refresh().lifetime() : config.tokenLifetime();
    Session session = new Session(holder.id(), renewable, now, now.plus(lifetime), client);
    persistAndFlush(session);
    return grant(session, holder, now);
  }

  /** Another access token for a session that goes on, such as after a change of name. */
  public Issued reissue(Session session, Holder holder) {
    return access(session, holder, clock.instant());
  }

  /** Whose refresh token this is; empty when nobody knows it. */
  public Optional<UUID> ownerOf(String refreshToken) {
    return row(refreshToken).map(row -> row.get("user_id", UUID.class));
  }

  /** Uses a refresh token once: it brings a new pair and is spent. */
  public Rotation rotate(String refreshToken, Holder holder, CallingClient.Seen client) {
    Instant now = clock.instant();
    Optional<Tuple> found = row(refreshToken);
    Session session = found.map(row -> findById(row.get("session_id", UUID.class))).orElse(null);
    if (session == null
        || !session.expiresAt().isAfter(now)
        || !found.get().get("expires_at", Instant.class).isAfter(now)) {
      return new Rotation.Unknown();
    }
    Instant usedAt = found.get().get("used_at", Instant.class);
    if (usedAt != null) {
      if (now.isBefore(usedAt.plus(config.refresh().grace()))) {
        return new Rotation.Superseded();
      }
      end(session);
      return new Rotation.Reused();
    }
    query("update refresh_token set used_at = ?1 where hash = ?2", now, Secrets.hash(refreshToken))
        .executeUpdate();
    query("delete from refresh_token where session_id = ?1 and expires_at < ?2", session.id(), now)
        .executeUpdate();
    session.use(now, client);
    return new Rotation.Renewed(grant(session, holder, now));
  }

  /** A user's living sessions, the one used last first. */
  public List<Session> of(UUID userId) {
    return list(
        "userId = ?1 and expiresAt > ?2 order by lastUsedAt desc, id", userId, clock.instant());
  }

  /** The session that a token was issued for. */
  public Optional<Session> ofToken(UUID userId, String jti) {
    return issued.parentOf(userId, jti).map(this::findById);
  }

  /** Ends a session with all its tokens. */
  public void end(Session session) {
    issued.endOf(session.userId(), session.id());
    // its refresh tokens go with the row
    query("delete from user_session where id = ?1", session.id()).executeUpdate();
    getEntityManager().detach(session);
  }

  /**
   * Ends all sessions of a user, and all tokens that were issued for whatever purpose.
   *
   * @return how many sessions there were
   */
  public int endAll(UUID userId, Instant tokensValidFrom) {
    of(userId).forEach(getEntityManager()::detach);
    issued.endAll(userId, tokensValidFrom);
    return query("delete from user_session where user_id = ?1", userId).executeUpdate();
  }

  private Grant grant(Session session, Holder holder, Instant now) {
    Issued access = access(session, holder, now);
    if (!session.isRenewable()) {
      return new Grant(access, Optional.empty());
    }
    String secret = Secrets.fresh(PREFIX);
    Instant unused = now.plus(config.refresh().inactivity());
    Instant expiresAt = unused.isBefore(session.expiresAt()) ? unused : session.expiresAt();
    query(
            "insert into refresh_token (hash, session_id, issued_at, expires_at)"
                + " values (?1, ?2, ?3, ?4)",
            Secrets.hash(secret),
            session.id(),
            now,
            expiresAt)
        .executeUpdate();
    return new Grant(access, Optional.of(new Grant.RefreshToken(secret, expiresAt)));
  }

  private Issued access(Session session, Holder holder, Instant now) {
    Duration lifetime =
        session.isRenewable() ? config.refresh().accessLifetime() : config.tokenLifetime();
    Duration left = Duration.between(now, session.expiresAt());
    Issued access = tokens.forUser(holder, left.compareTo(lifetime) < 0 ? left : lifetime);
    issued.remember(holder.id(), session.id(), access);
    return access;
  }

  private Optional<Tuple> row(String refreshToken) {
    if (!refreshToken.startsWith(PREFIX) || refreshToken.length() > Secrets.MAX_LENGTH) {
      return Optional.empty();
    }
    @SuppressWarnings("unchecked") // JPA has no typed native queries
    List<Tuple> found =
        getEntityManager()
            .createNativeQuery(
                """
                select t.session_id, s.user_id, t.expires_at, t.used_at
                from refresh_token t join user_session s on s.id = t.session_id
                where t.hash = ?1
                """,
                Tuple.class)
            .setParameter(1, Secrets.hash(refreshToken))
            .getResultList();
    return found.stream().findFirst();
  }

  /** Addresses of people who never come back must not stay for ever. */
  private void sweep(Instant now) {
    query(
            """
            delete from user_session where id in (
              select id from user_session where expires_at < ?1
              limit ?2 for update skip locked)
            """,
            now,
            SWEPT_AT_ONCE)
        .executeUpdate();
  }

  private Query query(String sql, Object... values) {
    Query query = getEntityManager().createNativeQuery(sql);
    for (int i = 0; i < values.length; i++) {
      query.setParameter(i + 1, values[i]);
    }
    return query;
  }
}
