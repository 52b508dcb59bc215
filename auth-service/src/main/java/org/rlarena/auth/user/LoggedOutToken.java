package org.rlarena.auth.user;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** A token that its user ended; kept until it would have expired. */
@Entity
@Table(name = "logged_out_token")
class LoggedOutToken {

  @Id String jti;

  @Column(name = "user_id")
  UUID userId;

  @Column(name = "expires_at")
  Instant expiresAt;
}
