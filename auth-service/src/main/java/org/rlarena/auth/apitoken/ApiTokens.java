package org.rlarena.auth.apitoken;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.auth.AuthConfig;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.token.Holder;
import org.rlarena.auth.token.Issued;
import org.rlarena.auth.token.IssuedTokens;
import org.rlarena.auth.token.Secrets;
import org.rlarena.auth.token.Tokens;
import org.rlarena.auth.user.AccountDeleted;
import org.rlarena.auth.user.UserLock;

/** All API tokens and what is done with them, each under the lock of its user's row. */
@ApplicationScoped
class ApiTokens implements PanacheRepositoryBase<ApiToken, UUID> {

  private final UserLock users;
  private final Tokens tokens;
  private final IssuedTokens issued;
  private final AuthConfig config;
  private final Clock clock;

  ApiTokens(UserLock users, Tokens tokens, IssuedTokens issued, AuthConfig config, Clock clock) {
    this.users = users;
    this.tokens = tokens;
    this.issued = issued;
    this.config = config;
    this.clock = clock;
  }

  /** A new token with the secret that is shown once. */
  record Created(ApiToken token, String secret) {

    @Override
    public String toString() {
      return "Created[id=" + token.id() + "]";
    }
  }

  /** A short token for a program. */
  record Exchanged(Issued token, List<String> scopes) {}

  /**
   * Makes a token.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code token_limit_reached} or {@code
   *     user_not_found}
   */
  @Transactional
  Created create(UUID userId, String name, Collection<String> scopes, Duration lifetime) {
    users.require(userId);
    Instant now = clock.instant();
    delete("userId = ?1 and expiresAt < ?2", userId, now);
    int limit = config.apiTokens().perUser();
    if (count("userId", userId) >= limit) {
      throw AuthError.TOKEN_LIMIT_REACHED.because(
          "You have " + limit + " API tokens, which is the most allowed. Revoke one first.");
    }
    String secret = Secrets.fresh(ApiToken.PREFIX);
    ApiToken token = new ApiToken(userId, name, secret, scopes, now, now.plus(lifetime));
    persist(token);
    return new Created(token, secret);
  }

  /** A user's tokens that have not expired, newest first. */
  @Transactional
  List<ApiToken> of(UUID userId) {
    return list(
        "userId = ?1 and expiresAt > ?2 order by createdAt desc, id", userId, clock.instant());
  }

  /**
   * Revokes a token; what it was exchanged for ends with it.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code token_not_found}, also for one of
   *     somebody else
   */
  @Transactional
  void revoke(UUID userId, UUID id) {
    users.require(userId);
    ApiToken token =
        findByIdOptional(id)
            .filter(found -> found.userId().equals(userId))
            .orElseThrow(
                () ->
                    AuthError.TOKEN_NOT_FOUND.because(
                        "You have no API token with this id; it may be revoked already."));
    delete(token);
    if (issued.endOf(userId, id)) {
      users.publishEndedTokens(userId);
    }
  }

  /**
   * Gives a short token for an API token.
   *
   * @return empty when it is unknown, expired or revoked, or its user may not act
   */
  @Transactional
  Optional<Exchanged> exchange(String secret) {
    if (!secret.startsWith(ApiToken.PREFIX) || secret.length() > Secrets.MAX_LENGTH) {
      return Optional.empty();
    }
    String hash = Secrets.hash(secret);
    Optional<Holder> holder =
        find("hash", hash).firstResultOptional().flatMap(token -> users.lockActive(token.userId()));
    // again, since it may have been revoked before the lock was ours
    getEntityManager().clear();
    Instant now = clock.instant();
    return holder.flatMap(
        user ->
            find("hash", hash)
                .firstResultOptional()
                .filter(token -> !token.isExpired(now))
                .map(token -> exchanged(token, user, now)));
  }

  private Exchanged exchanged(ApiToken token, Holder user, Instant now) {
    token.use(now);
    Duration lifetime = config.apiTokens().exchangedLifetime();
    Duration left = Duration.between(now, token.expiresAt());
    Issued access =
        tokens.forProgram(user, token.scopes(), left.compareTo(lifetime) < 0 ? left : lifetime);
    issued.remember(user.id(), token.id(), access);
    return new Exchanged(access, token.scopes());
  }

  void forget(@Observes AccountDeleted account) {
    delete("userId", account.userId());
  }
}
