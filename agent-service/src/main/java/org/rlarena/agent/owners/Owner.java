package org.rlarena.agent.owners;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;

/**
 * A user as known from {@code user.changed}. A deleted one stays for ever as a tombstone, so that
 * an event that comes late cannot bring it back. Written with SQL only (see {@link Owners}).
 */
@Entity
@Table(name = "owner")
public class Owner {

  @Id
  @Column(name = "user_id")
  UUID userId;

  @Column(name = "username")
  String username;

  /** Sequence of the newest event seen; 0 while only a token has named the user. */
  @Column(name = "sequence")
  long sequence;

  @Column(name = "deleted")
  boolean deleted;

  protected Owner() {}

  /** The name to show. */
  public String username() {
    return username;
  }

  /** Whether the account is gone. */
  public boolean isDeleted() {
    return deleted;
  }
}
