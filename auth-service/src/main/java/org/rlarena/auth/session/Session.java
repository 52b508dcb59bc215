package org.rlarena.auth.session;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.rlarena.auth.CallingClient;

/**
 * One log-in until it ends. A renewable one is also the family of its refresh tokens: one that is
 * used twice ends the session.
 */
@Entity
@Table(name = "user_session")
public class Session {

  @Id private UUID id;

  @Column(name = "user_id")
  private UUID userId;

  private boolean renewable;

  @Column(name = "created_at")
  private Instant createdAt;

  @Column(name = "last_used_at")
  private Instant lastUsedAt;

  @Column(name = "expires_at")
  private Instant expiresAt;

  private String address;

  @Column(name = "user_agent")
  private String userAgent;

  protected Session() {}

  Session(
      UUID userId, boolean renewable, Instant now, Instant expiresAt, CallingClient.Seen client) {
    this.id = UUID.randomUUID();
    this.userId = userId;
    this.renewable = renewable;
    this.createdAt = now.truncatedTo(ChronoUnit.MICROS);
    this.expiresAt = expiresAt.truncatedTo(ChronoUnit.MICROS);
    use(now, client);
  }

  /** Notes that a token was issued for it. */
  final void use(Instant now, CallingClient.Seen client) {
    lastUsedAt = now.truncatedTo(ChronoUnit.MICROS);
    address = client.address();
    userAgent = client.userAgent();
  }

  public UUID id() {
    return id;
  }

  UUID userId() {
    return userId;
  }

  /** Whether it has refresh tokens. */
  public boolean isRenewable() {
    return renewable;
  }

  public Instant createdAt() {
    return createdAt;
  }

  /** When a token was last issued for it. */
  public Instant lastUsedAt() {
    return lastUsedAt;
  }

  /** When it ends at the latest, used or not. */
  public Instant expiresAt() {
    return expiresAt;
  }

  /** From where it was last used. */
  public String address() {
    return address;
  }

  public String userAgent() {
    return userAgent;
  }
}
