package org.rlarena.auth.apitoken;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.rlarena.auth.token.Secrets;

/** A token that a user made for a program. A revoked one has no row. */
@Entity
@Table(name = "api_token")
class ApiToken {

  static final String PREFIX = "rla_pat_";
  private static final int SHOWN = 4;

  @Id private UUID id;

  @Column(name = "user_id")
  private UUID userId;

  private String name;
  private String hash;
  private String hint;
  private String scopes;

  @Column(name = "created_at")
  private Instant createdAt;

  @Column(name = "expires_at")
  private Instant expiresAt;

  @Column(name = "last_used_at")
  private Instant lastUsedAt;

  protected ApiToken() {}

  ApiToken(
      UUID userId,
      String name,
      String secret,
      Collection<String> scopes,
      Instant now,
      Instant expiresAt) {
    this.id = UUID.randomUUID();
    this.userId = userId;
    this.name = name;
    this.hash = Secrets.hash(secret);
    this.hint = PREFIX + "..." + secret.substring(secret.length() - SHOWN);
    this.scopes = String.join(" ", scopes);
    this.createdAt = now.truncatedTo(ChronoUnit.MICROS);
    this.expiresAt = expiresAt.truncatedTo(ChronoUnit.MICROS);
  }

  void use(Instant now) {
    lastUsedAt = now.truncatedTo(ChronoUnit.MICROS);
  }

  boolean isExpired(Instant now) {
    return !expiresAt.isAfter(now);
  }

  UUID id() {
    return id;
  }

  UUID userId() {
    return userId;
  }

  String name() {
    return name;
  }

  /** Prefix and last characters, by which its user knows it again. */
  String hint() {
    return hint;
  }

  List<String> scopes() {
    return Arrays.asList(scopes.split(" "));
  }

  Instant createdAt() {
    return createdAt;
  }

  Instant expiresAt() {
    return expiresAt;
  }

  /** When it was last exchanged; null before. */
  Instant lastUsedAt() {
    return lastUsedAt;
  }
}
