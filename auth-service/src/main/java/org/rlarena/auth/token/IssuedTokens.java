package org.rlarena.auth.token;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Ids of the tokens that users hold, each under its parent: the session or the API token it was
 * issued for. Signed tokens are verified offline, so ending a parent means naming its living tokens
 * to everybody. Every method needs a running transaction under the lock of the user's row.
 */
@ApplicationScoped
public class IssuedTokens {

  /**
   * How many ended tokens an event names, the newest first. Readers add what they are told to what
   * they know, so the bound matters only to one that starts from the compacted topic.
   */
  private static final int NAMED_IN_EVENT = 500;

  private final EntityManager entities;
  private final Clock clock;

  IssuedTokens(EntityManager entities, Clock clock) {
    this.entities = entities;
    this.clock = clock;
  }

  /** A token that was ended and has not expired. */
  public record Ended(String jti, Instant expiresAt) {}

  /** Notes that a token is out, and forgets those of the parent that have expired. */
  public void remember(UUID userId, UUID parent, Issued token) {
    query("delete from issued_token where parent_id = ?1 and expires_at < ?2", parent, now())
        .executeUpdate();
    query(
            """
            insert into issued_token (jti, user_id, parent_id, issued_at, expires_at)
            values (?1, ?2, ?3, ?4, ?5)
            """,
            token.jti(),
            userId,
            parent,
            token.issuedAt(),
            token.expiresAt())
        .executeUpdate();
  }

  /** What a living token was issued for. */
  public Optional<UUID> parentOf(UUID userId, String jti) {
    @SuppressWarnings("unchecked") // JPA has no typed native queries
    List<UUID> found =
        entities
            .createNativeQuery(
                "select parent_id from issued_token where user_id = ?1 and jti = ?2", UUID.class)
            .setParameter(1, userId)
            .setParameter(2, jti)
            .getResultList();
    return found.stream().findFirst();
  }

  /**
   * Ends the tokens of a parent.
   *
   * @return whether any was alive
   */
  public boolean endOf(UUID userId, UUID parent) {
    int ended =
        query(
                """
                with gone as (
                  delete from issued_token where user_id = ?1 and parent_id = ?2
                  returning jti, user_id, expires_at)
                insert into logged_out_token (jti, user_id, expires_at)
                select jti, user_id, expires_at from gone where expires_at > ?3
                on conflict do nothing
                """,
                userId,
                parent,
                now())
            .executeUpdate();
    return ended > 0;
  }

  /**
   * Ends one token, also one that was issued before tokens were remembered.
   *
   * @return whether it was alive
   */
  public boolean endOne(UUID userId, String jti, Instant expiresAt) {
    query("delete from issued_token where user_id = ?1 and jti = ?2", userId, jti).executeUpdate();
    return query(
                """
                insert into logged_out_token (jti, user_id, expires_at) values (?1, ?2, ?3)
                on conflict do nothing
                """,
                jti,
                userId,
                expiresAt)
            .executeUpdate()
        > 0;
  }

  /**
   * Ends all tokens of a user. An instant, the account's {@code tokensValidFrom}, ends those of
   * earlier seconds; {@code iat} counts whole seconds, so those of the same second are ended by
   * name.
   */
  public void endAll(UUID userId, Instant tokensValidFrom) {
    query(
            """
            insert into logged_out_token (jti, user_id, expires_at)
            select jti, user_id, expires_at from issued_token
            where user_id = ?1 and issued_at >= ?2
            on conflict do nothing
            """,
            userId,
            tokensValidFrom)
        .executeUpdate();
    query("delete from issued_token where user_id = ?1", userId).executeUpdate();
  }

  /** What others are to be told of: ended tokens that have not expired. */
  public List<Ended> ended(UUID userId) {
    query("delete from logged_out_token where user_id = ?1 and expires_at < ?2", userId, now())
        .executeUpdate();
    @SuppressWarnings("unchecked") // JPA has no typed native queries
    List<Tuple> rows =
        entities
            .createNativeQuery(
                """
                select jti, expires_at from logged_out_token where user_id = ?1
                order by expires_at desc, jti
                """,
                Tuple.class)
            .setParameter(1, userId)
            .setMaxResults(NAMED_IN_EVENT)
            .getResultList();
    return rows.stream()
        .map(row -> new Ended(row.get(0, String.class), row.get(1, Instant.class)))
        .toList();
  }

  private Instant now() {
    return clock.instant();
  }

  private Query query(String sql, Object... values) {
    Query query = entities.createNativeQuery(sql);
    for (int i = 0; i < values.length; i++) {
      query.setParameter(i + 1, values[i]);
    }
    return query;
  }
}
